import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { StepError } from "../../src/errors.ts";
import { bench, changesIn, keysOf } from "../support/stack.ts";

test("a full mesh of three VPCs: every pair peered, routed both ways, and pinged from the first", async () => {
  const stack = await bench();
  const flags = { cidr: ["a=10.10.0.0/16", "b=10.20.0.0/16", "c=172.16.0.0/20"] };
  const up = await stack.up({ flags });
  expect(up.error).toBeUndefined();
  const made = keysOf(up, "made");
  expect(made.filter((key) => key.startsWith("peering/"))).toEqual([
    "peering/a~b",
    "peering/a~c",
    "peering/b~c",
  ]);
  expect(made.filter((key) => key.startsWith("route/"))).toEqual(
    ["a~b", "a~c", "b~a", "b~c", "c~a", "c~b"].map((pair) => `route/${pair}`),
  );
  expect(made.filter((key) => key.startsWith("icmp-rule/"))).toEqual(["icmp-rule/a~b", "icmp-rule/a~c"]);
  expect(made.filter((key) => key.startsWith("address/"))).toEqual(["address/a"]);
  const { VpcPeeringConnections } = await stack.ec2.describeVpcPeeringConnections();
  expect(VpcPeeringConnections!.map(({ Status }) => Status?.Code)).toEqual(["active", "active", "active"]);

  // The topology is in the file: later commands need not repeat it, and cannot change it.
  expect(changesIn(await stack.up())).toEqual([]);
  const other = await stack.up({ flags: { cidr: ["a=10.10.0.0/16", "b=10.30.0.0/16"] } });
  expect(other.error?.message).toBe('the stack "peerctl" was begun with other VPCs or peerings');
  expect(other.calls).toEqual([]);
  expect((await stack.teardown()).data).toMatchObject({ audit: { left: [] } });
});

test("only the peerings that were asked for", async () => {
  const stack = await bench();
  const flags = { cidr: ["hub=10.1.0.0/16", "x=10.2.0.0/16", "y=10.3.0.0/16"], peering: ["hub~x", "y~hub"] };
  const up = await stack.up({ flags });
  expect(up.error).toBeUndefined();
  const made = keysOf(up, "made");
  expect(made.filter((key) => /^(peering|icmp-rule)/.test(key))).toEqual([
    "icmp-rule/hub~x",
    "icmp-rule/hub~y",
    "peering/hub~x",
    "peering/y~hub",
  ]);
});

test("a step that fails cancels what waits on it; what was made is recorded, and the next run goes on", async () => {
  const stack = await bench();
  const fault = { code: "VpcPeeringConnectionLimitExceeded", message: "no more of those", status: 400 };
  await stack.faults({ action: "CreateVpcPeeringConnection", fault });
  const failed = await stack.up();
  expect(failed.error).toBeInstanceOf(StepError);
  expect(failed.error?.message).toBe(
    "peer failed on peering/vpc-1~vpc-2: VpcPeeringConnectionLimitExceeded: no more of those (CreateVpcPeeringConnection)",
  );
  expect(failed.error).toMatchObject({
    remedy: "mend that, then run the same command again: it goes on from here",
  });
  // Waiting on the peering, so never started.
  expect(failed.calls).not.toContain("AcceptVpcPeeringConnection");
  const { resources, intents } = await stack.state();
  expect(Object.keys(resources)).toEqual(expect.arrayContaining(["vpc/vpc-1", "vpc/vpc-2"]));
  expect(intents["peering/vpc-1~vpc-2"]).toBeUndefined();
  // All that AWS made is on record, or at least announced.
  const { Tags } = await stack.ec2.describeTags({ Filters: [{ Name: "key", Values: ["peerctl:key"] }] });
  const known = new Set([...Object.keys(resources), ...Object.keys(intents)]);
  const shared = new Set(["volume", "network-interface", "security-group-rule"]);
  const stray = Tags!.filter(({ ResourceType, Value }) => !shared.has(ResourceType!) && !known.has(Value!));
  expect(stray).toEqual([]);

  await stack.faults();
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect((await stack.status()).code).toBe(0);
});

test("Ctrl-C: no further call is started, what came back is recorded, and the next run goes on", async () => {
  const stack = await bench();
  await stack.faults({ action: "CreateVpc", fault: "late", ms: 150 });
  const controller = new AbortController();
  const running = stack.up({ controller });
  while (!stack.lab.log.entries.some(({ action }) => action === "CreateInternetGateway")) await wait(2);
  const cause = new Error("interrupted");
  controller.abort(cause);
  const { error } = await running;
  expect(error).toBe(cause);
  const ended = stack.lab.log.entries.length;
  await wait(30);
  expect(stack.lab.log.entries.length).toBe(ended);
  const { resources } = await stack.state();
  // They were under way, and were let finish.
  expect(Object.keys(resources)).toEqual(expect.arrayContaining(["vpc/vpc-1", "vpc/vpc-2"]));
  expect(Object.keys(resources)).not.toContain("subnet/vpc-1");
  await stack.faults();
  expect((await stack.up()).error).toBeUndefined();
  expect((await stack.status()).code).toBe(0);
});
