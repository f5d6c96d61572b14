import { EC2InstanceConnect } from "@aws-sdk/client-ec2-instance-connect";
import ssh2 from "ssh2";
import { expect, onTestFinished, test } from "vitest";
import { aws } from "../../../src/lab/profile.ts";
import { outcomeOf } from "../start.ts";
import { awsForTest, launch } from "./aws.ts";

const key = ssh2.utils.generateKeyPairSync("ed25519").public;
const ecdsa = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }).public;

async function scene(options = {}) {
  const lab = await awsForTest(options);
  const machine = await launch(lab.ec2);
  const connect = new EC2InstanceConnect({
    endpoint: lab.lab.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "123456789012", secretAccessKey: "x" },
  });
  onTestFinished(() => connect.destroy());
  const send = (input: object = {}) =>
    connect.sendSSHPublicKey({
      InstanceId: machine.InstanceId,
      InstanceOSUser: "ec2-user",
      SSHPublicKey: key,
      ...input,
    });
  return { ...lab, ...machine, send };
}

test("a key is kept for its instance and user for 60 seconds; expired ones go", async () => {
  const { send, lab, InstanceId, pass } = await scene();
  expect(await send({ SSHPublicKey: `${key} me@home\n` })).toMatchObject({
    Success: true,
    RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const first = { user: "ec2-user", key: `${key} me@home`, until: Date.UTC(2026, 0, 2, 3, 5, 5) };
  expect(lab.world.pushedKeys.get(InstanceId)).toEqual([first]);
  pass(30_000);
  await send({ InstanceOSUser: "root" });
  const second = { user: "root", key, until: first.until + 30_000 };
  expect(lab.world.pushedKeys.get(InstanceId)).toEqual([first, second]);
  pass(30_000);
  await send();
  expect(lab.world.pushedKeys.get(InstanceId)?.map((each) => each.user)).toEqual(["root", "ec2-user"]);
});

const rows: [string, object, RegExp][] = [
  [
    "no key at all",
    { SSHPublicKey: "nonsense" },
    /^InvalidArgsException: The specified SSH public key is not valid\.$/,
  ],
  ["two keys", { SSHPublicKey: `${key}\n${key}` }, /^InvalidArgsException/],
  ["a kind that Instance Connect does not take", { SSHPublicKey: ecdsa }, /^InvalidArgsException/],
  [
    "a private key",
    { SSHPublicKey: ssh2.utils.generateKeyPairSync("ed25519").private },
    /^InvalidArgsException/,
  ],
  [
    "a user that cannot be",
    { InstanceOSUser: "-x; rm" },
    /^InvalidArgsException: The specified OS user is not valid\.$/,
  ],
  ["no instance's id", { InstanceId: "vpc-1" }, /^InvalidArgsException/],
  ["an unknown instance", { InstanceId: "i-00000000000000000" }, /^EC2InstanceNotFoundException/],
  ["another zone", { AvailabilityZone: "us-east-1z" }, /^EC2InstanceNotFoundException/],
];
test.each(rows)("%s is refused", async (_name, input, outcome) => {
  const { send, lab } = await scene();
  expect(await outcomeOf(send(input))).toMatch(outcome);
  expect([...lab.world.pushedKeys]).toEqual([]);
});

test("only a running instance takes one", async () => {
  const { ec2, send, InstanceId, pass } = await scene({ profile: { ...aws, latency: 0, throttle: false } });
  expect(await outcomeOf(send())).toMatch(/^EC2InstanceNotFoundException/);
  pass(500);
  expect(await outcomeOf(send())).toMatch(/^EC2InstanceStateInvalidException: Unable to connect because/);
  pass(11_000);
  expect(await outcomeOf(send())).toBe("done");
  await ec2.stopInstances({ InstanceIds: [InstanceId] });
  expect(await outcomeOf(send())).toMatch(/^EC2InstanceStateInvalidException/);
});

test("without the metadata service the key never arrives", async () => {
  const { ec2, send, lab, InstanceId } = await scene();
  await ec2.modifyInstanceMetadataOptions({ InstanceId, HttpEndpoint: "disabled" });
  expect(await outcomeOf(send())).toBe("done");
  expect(lab.world.pushedKeys.get(InstanceId)).toBeUndefined();
});
