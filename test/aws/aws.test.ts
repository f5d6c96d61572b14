import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallRecord } from "../../src/aws/attempt.ts";
import { type Aws, connectAws, isRead } from "../../src/aws/aws.ts";
import { isUncertain } from "../../src/aws/codes.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { brokenConnection, serviceError } from "../support/service-error.ts";

const ec2 = mockClient(EC2Client);
const sts = mockClient(STSClient);

let aws: Aws;
let clock: ReturnType<typeof hurriedClock>;
let controller: AbortController;
let seen: CallRecord[];

beforeEach(() => {
  clock = hurriedClock();
  controller = new AbortController();
  seen = [];
  aws = connectAws({
    region: "us-east-1",
    profile: undefined,
    endpoint: undefined,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    clock,
    signal: controller.signal,
    onCall: (call) => seen.push(call),
    random: () => 0.5,
  });
});
afterEach(() => {
  aws.close();
  ec2.reset();
  sts.reset();
});

const create = () => new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" });
const made = { Vpc: { VpcId: "vpc-1" } };

describe("which calls are repeated", () => {
  test.each<[string, Error, object, "repeated" | "thrown"]>([
    ["throttled", serviceError("RequestLimitExceeded", 503), {}, "repeated"],
    ["throttled, a create", serviceError("RequestLimitExceeded", 503), { uncertain: "throw" }, "repeated"],
    ["throttled by status", serviceError("SomethingNew", 429), { uncertain: "throw" }, "repeated"],
    ["AWS's own failure", serviceError("InternalError", 500), {}, "repeated"],
    ["AWS's own failure, a create", serviceError("InternalError", 500), { uncertain: "throw" }, "thrown"],
    ["unavailable, a create", serviceError("Unavailable", 503), { uncertain: "throw" }, "thrown"],
    ["a broken connection", brokenConnection(), {}, "repeated"],
    ["a broken connection, a create", brokenConnection(), { uncertain: "throw" }, "thrown"],
    ["no capacity is a definite no", serviceError("InsufficientInstanceCapacity", 500), {}, "thrown"],
    ["not found", serviceError("InvalidVpcID.NotFound"), {}, "thrown"],
    ["not found, only just made", serviceError("InvalidVpcID.NotFound"), { fresh: true }, "repeated"],
    ["a group not found, only just made", serviceError("InvalidGroup.NotFound"), { fresh: true }, "repeated"],
    ["an old spelling", serviceError("InvalidVpcPeeringConnectionId.NotFound"), { fresh: true }, "repeated"],
    [
      "an image not found is never only just made",
      serviceError("InvalidAMIID.NotFound"),
      { fresh: true },
      "thrown",
    ],
    ["a state that passes", serviceError("IncorrectState"), { passing: ["IncorrectState"] }, "repeated"],
    ["a state that nobody said would pass", serviceError("IncorrectState"), { fresh: true }, "thrown"],
    ["a refusal", serviceError("VpcLimitExceeded"), { fresh: true }, "thrown"],
    ["no permission", serviceError("UnauthorizedOperation", 403), { fresh: true }, "thrown"],
    [
      "no credentials",
      Object.assign(new Error("none"), { name: "CredentialsProviderError", $metadata: {} }),
      {},
      "thrown",
    ],
    ["a bug of ours", new TypeError("undefined is not a function"), {}, "thrown"],
  ])("%s", async (_what, error, how, expected) => {
    ec2.on(CreateVpcCommand).rejectsOnce(error).resolves(made);
    const outcome = await aws.ec2(create(), how).then(
      () => "repeated",
      (thrown) => (thrown === error ? "thrown" : thrown),
    );
    expect(outcome).toBe(expected);
    const calls = expected === "repeated" ? 2 : 1;
    expect(ec2.calls()).toHaveLength(calls);
    expect(aws.calls).toHaveLength(calls);
    expect(seen).toEqual(aws.calls);
    expect(seen[0]).toMatchObject({ action: "CreateVpc" });
  });
});

test.each<[string, Error, object, number, number]>([
  ["throttling: two minutes", serviceError("RequestLimitExceeded", 503), {}, 120_000, 180_000],
  [
    "what is not shown yet: two minutes",
    serviceError("InvalidVpcID.NotFound"),
    { fresh: true },
    120_000,
    130_000,
  ],
  ["a failure of AWS: five tries", serviceError("InternalError", 500), {}, 500, 10_000],
])("patience has an end: %s", async (_what, error, how, least, most) => {
  ec2.on(CreateVpcCommand).rejects(error);
  const began = clock.now();
  await expect(aws.ec2(create(), how)).rejects.toBe(error);
  const waited = clock.now() - began;
  expect(waited).toBeGreaterThan(least);
  expect(waited).toBeLessThan(most);
});

test.each<[string, Error, object]>([
  ["throttles", serviceError("RequestLimitExceeded", 503), {}],
  ["ids not known yet", serviceError("InvalidVpcID.NotFound"), { fresh: true }],
  ["states that pass", serviceError("IncorrectState"), { passing: ["IncorrectState"] }],
])(
  "each trouble has its own patience: after eight %s a broken connection is the first",
  async (_what, error, how) => {
    const answers = ec2.on(CreateVpcCommand);
    for (let n = 0; n < 8; n++) answers.rejectsOnce(error);
    answers.rejectsOnce(brokenConnection()).rejectsOnce(brokenConnection()).resolves(made);
    expect(await aws.ec2(create(), how)).toBe(made);
  },
);

test("a refusal after a lost answer stays uncertain: the first try may have taken effect", async () => {
  const refusal = serviceError("RouteAlreadyExists");
  ec2.on(CreateVpcCommand).rejectsOnce(brokenConnection()).rejects(refusal);
  const error = await aws.ec2(create()).catch((thrown: unknown) => thrown);
  expect(error).toBe(refusal);
  expect(isUncertain(error)).toBe(true);
  expect(isUncertain(serviceError("RouteAlreadyExists"))).toBe(false);
});

test("Ctrl-C: a read is cut off, a change is let finish, and nothing is started any more", async () => {
  const cause = new Error("interrupted");
  const hold = async () => {
    controller.abort(cause);
    return made;
  };
  ec2.on(CreateVpcCommand).callsFake(hold);
  expect(await aws.ec2(create())).toBe(made);
  await expect(aws.ec2(create())).rejects.toBe(cause);
  await expect(aws.ec2(new DescribeVpcsCommand({}))).rejects.toBe(cause);
  expect(ec2.calls()).toHaveLength(1);
  const [, options] = ec2.calls()[0]!.args as unknown as [unknown, { abortSignal: AbortSignal }];
  expect(options.abortSignal.aborted).toBe(false);
});

test("the account is asked of STS", async () => {
  sts.on(GetCallerIdentityCommand).resolves({ Account: "123456789012" });
  expect(await aws.account()).toBe("123456789012");
  expect(aws.calls).toMatchObject([{ action: "GetCallerIdentity", outcome: "ok" }]);
});

test.each([
  ["DescribeVpcs", true],
  ["GetCallerIdentity", true],
  ["CreateRoute", false],
  ["AssociateAddress", false],
  ["SendSSHPublicKey", false],
  ["ResetGetDescribe", false],
])("%s only reads: %s", (action, reads) => {
  expect(isRead(action)).toBe(reads);
});
