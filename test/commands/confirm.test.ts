import { describe, expect, test } from "vitest";
import { confirmMaking, confirmRemoval } from "../../src/commands/confirm.ts";
import type { Context } from "../../src/context.ts";
import { UserError } from "../../src/errors.ts";
import { stepNamed, steps } from "../../src/steps/index.ts";
import { defaultTopology } from "../../src/topology.ts";
import { recordingUi } from "../support/recording-ui.ts";

const place = { account: "123456789012", region: "eu-central-1" };

function asked(endpoint: string, answer?: boolean, yes = false) {
  const { ui, recorded } = recordingUi(answer);
  const ctx = {
    ui,
    config: { yes },
    topology: defaultTopology(),
    store: { state: { ...place, endpoint } },
  } as unknown as Context;
  return { ctx, recorded };
}

describe("whether it asks before it makes", () => {
  test.each<[string, boolean]>([
    ["aws", true],
    ["https://ec2.us-east-1.amazonaws.com", true],
    ["https://ec2.cn-north-1.amazonaws.com.cn", true],
    ["https://ec2.eu-west-1.api.aws", true],
    ["lab", false],
    ["http://127.0.0.1:5000", false],
    ["https://amazonaws.com.example.org", false],
  ])("%s: %s", async (endpoint, asks) => {
    const { ctx, recorded } = asked(endpoint, true);
    await confirmMaking(ctx, steps);
    expect(recorded.asked).toHaveLength(asks ? 1 : 0);
  });
});

test("it says what, where, and what that costs", async () => {
  const { ctx, recorded } = asked("aws", true);
  await confirmMaking(ctx, steps);
  expect(recorded.asked).toEqual([
    "Make 2 VPCs, 1 peering connection, 2 instances, 1 Elastic IP in account 123456789012, eu-central-1: at most 0.028 USD an hour. Go ahead?",
  ]);
  const network = asked("aws", true);
  await confirmMaking(network.ctx, [stepNamed("create-vpcs")!]);
  expect(network.recorded.asked[0]).toContain(
    "Make 2 VPCs in account 123456789012, eu-central-1: at most 0 USD",
  );
  // A rule or a route makes nothing that costs or stands by itself.
  const rule = asked("aws", true);
  await confirmMaking(rule.ctx, [stepNamed("open-icmp")!]);
  expect(rule.recorded.asked).toEqual([]);
});

test("a no changes nothing; without a terminal it refuses; --yes does not ask", async () => {
  await expect(confirmMaking(asked("aws", false).ctx, steps)).rejects.toThrow("nothing was changed");
  const refused = confirmMaking(asked("aws").ctx, steps);
  await expect(refused).rejects.toBeInstanceOf(UserError);
  await expect(refused).rejects.toMatchObject({ remedy: "go ahead without asking: --yes" });
  const { ctx, recorded } = asked("aws", undefined, true);
  await confirmMaking(ctx, steps);
  expect(recorded.asked).toEqual([]);
});

test("before deleting, each thing is shown with its id", async () => {
  const going = async () => [
    { key: "vpc/vpc-1", id: "vpc-1a" },
    { key: "route-table/vpc-1: 10.2.0.0/16 -> pcx-1" },
  ];
  const { ctx, recorded } = asked("aws", true);
  await confirmRemoval(ctx, { ...place, endpoint: "aws" }, going);
  expect(recorded.said).toEqual([
    "- vpc/vpc-1                                vpc-1a\n- route-table/vpc-1: 10.2.0.0/16 -> pcx-1",
  ]);
  expect(recorded.asked).toEqual(["Delete these 2 in account 123456789012, eu-central-1. Go ahead?"]);
  await expect(confirmRemoval(asked("aws").ctx, { ...place, endpoint: "aws" }, going)).rejects.toMatchObject({
    remedy: "go ahead without asking: --yes",
  });
  const none = asked("aws");
  await confirmRemoval(none.ctx, { ...place, endpoint: "aws" }, async () => []);
  expect(none.recorded.asked).toEqual([]);
  // Nobody is asked, so nothing is found out.
  await confirmRemoval(asked("lab").ctx, { ...place, endpoint: "lab" }, () =>
    Promise.reject(new Error("asked")),
  );
});
