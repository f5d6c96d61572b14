import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { teardown } from "../../src/commands/teardown.ts";
import { instant } from "../../src/lab/profile.ts";
import type { StepName } from "../../src/steps/step.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench, changesIn, keysOf, stepNames } from "../support/stack.ts";

/** How many of each kind the lab shows that carry a stack's tag and are not over. */
async function standing({ ec2 }: Bench): Promise<string[]> {
  const { Tags } = await ec2.describeTags({ Filters: [{ Name: "key", Values: ["peerctl:key"] }] });
  const { Reservations } = await ec2.describeInstances();
  const dead = new Set(
    Reservations!
      .flatMap((each) => each.Instances!)
      .filter(({ State }) => State?.Name === "terminated")
      .map(({ InstanceId }) => InstanceId),
  );
  const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections();
  for (const row of VpcPeeringConnections!) {
    if (row.Status?.Code !== "active") dead.add(row.VpcPeeringConnectionId);
  }
  return Tags!.filter(({ ResourceId }) => !dead.has(ResourceId)).map(({ Value }) => Value!);
}

test.each<[StepName[], string[]]>([
  [["eip"], ["address-association", "address"]],
  [["open-icmp"], ["icmp-rule"]],
  [["route"], ["route"]],
  [["peer"], ["peering", "acceptance", "route"]],
  [["launch"], ["instance", "security-group", "ssh-rule", "icmp-rule", "address", "address-association"]],
  [
    ["eip", "route"],
    ["address-association", "address", "route"],
  ],
])(
  "teardown %j removes what these made and what rests on it, and up makes just that again",
  async (names, types) => {
    const stack = await bench({ clock: hurriedClock() });
    await stack.up();
    const whole = Object.keys((await stack.state()).resources).sort();
    const down = await stack.teardown(names);
    expect(down).toMatchObject({ code: 0, error: undefined });
    const isGone = (key: string) => types.includes(key.split("/")[0]!);
    const { resources } = await stack.state();
    expect(Object.keys(resources).sort()).toEqual(whole.filter((key) => !isGone(key)));
    const status = await stack.status();
    // What is gone from the file is gone from AWS too, and nothing else is.
    expect(status.code, status.text).toBe(0);
    const notMade = (status.data as { resources: { key: string; standing: string }[] }).resources
      .filter((each) => each.standing === "not made")
      .map(({ key }) => key);
    expect(notMade).toEqual(whole.filter(isGone));
    expect(keysOf(await stack.up(), "made")).toEqual(whole.filter(isGone));
  },
);

test("teardown of a step that is not made does nothing, and says so", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  const down = await stack.teardown(["eip", "open-icmp"]);
  expect(down.code).toBe(0);
  expect(changesIn(down)).toEqual([]);
  expect(down.said.at(-1)).toMatch(/^removed 0 /);
});

test("down removes everything and the state file, and ends with the audit", async () => {
  const stack = await bench();
  await stack.up();
  const down = await stack.teardown();
  expect(down.code).toBe(0);
  expect(down.said.at(-1)).toMatch(
    /^removed 14, and what was part of them; audit of us-east-1: 0 left, 0 USD an hour \(\d+ calls\)$/,
  );
  expect(down.data).toMatchObject({ audit: { region: "us-east-1", left: [], usdAnHour: 0 } });
  expect(await standing(stack)).toEqual([]);
  expect(existsSync(stack.file)).toBe(false);
  expect(existsSync(`${stack.file}.lock`)).toBe(false);

  // The instances that are over are still shown, and are no stack.
  const again = await stack.teardown();
  expect(again).toMatchObject({ code: 0 });
  expect(again.said[0]).toBe('there is no stack "peerctl" here: no state file, and nothing under its tag');
  expect(changesIn(again)).toEqual([]);
  expect((await stack.status()).code).toBe(0);
  expect((await stack.up()).error).toBeUndefined();
});

test("with the state file lost, everything is found by the name's tag; another stack stays", async () => {
  const stack = await bench();
  await stack.up();
  await rename(stack.file, `${stack.file}.first`);
  await stack.up({ flags: { name: "other" } });
  const others = await stack.state();
  await rm(`${stack.file}.first`);

  const down = await stack.teardown(undefined, { flags: { state: "nowhere.json", name: "peerctl" } });
  expect(down).toMatchObject({ code: 0, error: undefined });
  expect(keysOf(down, "removed")).toHaveLength(14);
  expect(down.data).toMatchObject({ audit: { left: [] } });
  const status = await stack.status();
  expect(status.code, status.text).toBe(0);
  expect(await stack.state()).toEqual(others);

  const wrong = await stack.teardown(undefined, { flags: { name: "peerctl" } });
  expect(wrong.error?.message).toMatch(/is of the stack "other", not "peerctl"$/);
  expect(wrong.calls).toEqual([]);
});

test("a state file that lost some of its records loses nothing on AWS", async () => {
  const stack = await bench();
  await stack.up();
  await stack.edit((state) => {
    for (const key of ["vpc/vpc-1", "instance/vpc-2", "address/vpc-1", "peering/vpc-1~vpc-2"]) {
      delete state.resources[key];
    }
  });
  expect((await stack.teardown()).data).toMatchObject({ audit: { left: [] } });
  expect(await standing(stack)).toEqual([]);
});

test("what others put in the way is named by its id, and stays", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { resources } = await stack.state();
  const { NetworkInterface } = await stack.ec2.createNetworkInterface({
    SubnetId: resources["subnet/vpc-2"]!.id,
    Description: "theirs",
  });
  const id = NetworkInterface!.NetworkInterfaceId!;
  const down = await stack.teardown();
  expect(down.error?.message).toContain(`in the way: ${id} (network interface, "theirs")`);
  expect(down.error).toMatchObject({ remedy: expect.stringContaining("remove them yourself") });
  expect(existsSync(stack.file)).toBe(true);

  await stack.ec2.deleteNetworkInterface({ NetworkInterfaceId: id });
  const again = await stack.teardown();
  expect(again.error).toBeUndefined();
  expect(again.data).toMatchObject({ audit: { left: [] } });
  expect(existsSync(stack.file)).toBe(false);
});

test("what was let in by others stays when open-icmp is undone", async () => {
  const stack = await bench();
  await stack.up();
  const { resources } = await stack.state();
  const GroupId = resources["security-group/vpc-2"]!.id;
  const IpRanges = [{ CidrIp: "192.0.2.0/24", Description: "monitoring" }];
  await stack.ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [{ IpProtocol: "icmp", FromPort: 8, ToPort: -1, IpRanges }],
  });
  await stack.teardown(["open-icmp"]);
  const { SecurityGroups } = await stack.ec2.describeSecurityGroups({ GroupIds: [GroupId] });
  expect(SecurityGroups![0]!.IpPermissions).toMatchObject([{ IpRanges }]);
});

test.each<[StepName[]]>([
  [["peer"]],
  [["launch"]],
  [["open-icmp"]],
  [["eip", "route"]],
  [["create-vpcs"]],
  [stepNames],
])("a dry run of teardown %j lists what the run removes, and changes nothing", async (names) => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const before = await stack.state();
  const dry = await stack.command((run) => teardown(run, { names, dryRun: true }));
  expect(dry).toMatchObject({ code: 0, error: undefined });
  expect(changesIn(dry)).toEqual([]);
  expect(await stack.state()).toEqual(before);
  const { wouldRemove } = dry.data as { wouldRemove: object[] };
  const { data } = await stack.teardown(names);
  const { removed } = data as { removed: object[] };
  expect(wouldRemove.length).toBeGreaterThan(0);
  expect(wouldRemove).toHaveLength(removed.length);
  expect(wouldRemove).toEqual(expect.arrayContaining(removed));
});

test("a dry run without a stack is one empty list", async () => {
  const stack = await bench();
  const dry = await stack.command((run) => teardown(run, { names: stepNames, dryRun: true }));
  expect(dry).toMatchObject({ code: 0, data: { wouldRemove: [] } });
});

test("an instance that EC2 did not know yet when it was to end is ended all the same", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  // EC2 refuses all, when it does not know one of them.
  const fault = { code: "InvalidInstanceID.NotFound", message: "not yet", status: 400 };
  await stack.faults({ action: "TerminateInstances", nth: 1, fault });
  const down = await stack.teardown();
  expect(down.error).toBeUndefined();
  expect(down.data).toMatchObject({ audit: { left: [] } });
});

test("what AWS shows now and then only is removed too, and nothing of it is left", async () => {
  const profile = { ...instant, describeLag: 5000, flicker: true };
  const stack = await bench({ clock: hurriedClock(), profile, seed: 7 });
  const fault = { code: "UnauthorizedOperation", message: "no", status: 403 };
  await stack.faults({ action: "AssociateAddress", fault });
  expect((await stack.up()).error).toBeDefined();
  await stack.faults();
  const down = await stack.teardown();
  expect(down.error).toBeUndefined();
  expect(down.data).toMatchObject({ audit: { left: [] } });
  const { Reservations } = await stack.ec2.describeInstances();
  const states = Reservations?.flatMap((each) => each.Instances ?? []).map(({ State }) => State?.Name);
  expect(new Set(states)).toEqual(new Set(["terminated"]));
});

test("what AWS shows is removed at once, however new it is", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 30_000 } });
  await stack.up();
  await clock.sleep(31_000);
  const began = clock.now();
  const down = await stack.teardown();
  expect(down.data).toMatchObject({ audit: { left: [] } });
  expect(clock.now() - began).toBeLessThan(10_000);
});

test.each([
  ["DeleteVpcPeeringConnection", "InvalidVpcPeeringConnectionID.NotFound", "peer"],
  ["DeleteSubnet", "InvalidSubnetID.NotFound", "create-vpcs"],
] as const)("what %s does not know yet is asked for again", async (action, code, step) => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 30_000 } });
  await stack.up();
  await clock.sleep(31_000);
  await stack.faults({ action, nth: 1, fault: { code, message: "not yet", status: 400 } });
  const undone = await stack.teardown([step]);
  expect(undone.error).toBeUndefined();
  expect(undone.calls.filter((each) => each === action).length).toBeGreaterThan(1);
  const { VpcPeeringConnections } = await stack.ec2.describeVpcPeeringConnections();
  expect(VpcPeeringConnections?.map(({ Status }) => Status?.Code)).toEqual(["deleted"]);
});

test("what stays under the stack's tag is listed, in JSON too, and the exit code is 1", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { stack: named } = await stack.state();
  const { Subnets } = await stack.ec2.describeSubnets({
    Filters: [{ Name: "default-for-az", Values: ["true"] }],
  });
  // Somebody else's, in another VPC, with our tag on it: no step made it, so none removes it.
  const { NetworkInterface } = await stack.ec2.createNetworkInterface({
    SubnetId: Subnets![0]!.SubnetId,
    TagSpecifications: [
      { ResourceType: "network-interface", Tags: [{ Key: "peerctl:stack", Value: named.uuid }] },
    ],
  });
  const id = NetworkInterface!.NetworkInterfaceId!;
  const down = await stack.teardown();
  expect(down.error).toBeUndefined();
  expect(down.code).toBe(1);
  expect(down.said).toContain(`! network-interface ${id} is left (no key)`);
  expect(down.said.join("\n")).toMatch(/audit of us-east-1: 1 left, 0 USD an hour/);
  expect(down.data).toMatchObject({
    audit: { left: [{ id, resourceType: "network-interface" }], usdAnHour: 0 },
  });
  await stack.ec2.deleteNetworkInterface({ NetworkInterfaceId: id });
  const again = await stack.teardown();
  expect(again.code, again.error?.message).toBe(0);
  expect(again.data).toMatchObject({ audit: { left: [] } });
});

test("times from a clock that was ahead hold nobody up", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 400 } });
  await stack.up();
  await stack.edit(({ resources }) => {
    for (const each of Object.values(resources)) each.madeAt = "2099-01-01T00:00:00.000Z";
  });
  const { resources } = await stack.state();
  await stack.ec2.terminateInstances({ InstanceIds: [resources["instance/vpc-2"]!.id] });
  const began = clock.now();
  expect((await stack.status()).code).toBe(2);
  const down = await stack.teardown();
  expect(down.error).toBeUndefined();
  expect(down.data).toMatchObject({ audit: { left: [] } });
  expect(clock.now() - began).toBeLessThan(120_000);
});

test("what was begun and removed does not come back by its ClientToken", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  // As if it had been killed right after CreateRouteTable took effect.
  await stack.edit((state) => {
    const { step, madeAt: at } = state.resources["route-table/vpc-1"]!;
    state.intents["route-table/vpc-1"] = { step, at, generation: state.generations["route-table/vpc-1"]! };
    delete state.resources["route-table/vpc-1"];
  });
  // Down is stopped after it has deleted the table.
  const refusal = { code: "UnauthorizedOperation", message: "no", status: 403 };
  await stack.faults({ action: "DeleteVpc", fault: refusal });
  expect((await stack.teardown()).error).toBeDefined();
  await stack.faults();
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect((await stack.status()).code).toBe(0);
});

test("a down that waited for another one finds nothing left, which is what it was asked for", async () => {
  const stack = await bench();
  await stack.up();
  const patient = { flags: { lockTimeout: "60" } };
  const downs = await Promise.all([stack.teardown(undefined, patient), stack.teardown(undefined, patient)]);
  for (const down of downs) {
    expect(down.error).toBeUndefined();
    expect(down).toMatchObject({ code: 0, data: { audit: { left: [] } } });
  }
  expect(downs.flatMap(({ said }) => said).join("\n")).toContain(
    "another run has removed the stack meanwhile",
  );
});

test("what was attached and associated a moment ago, and is not shown so yet, is taken off all the same", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 20_000, stale: true } });
  await stack.make(["create-vpcs", "launch", "eip"]);
  const down = await stack.teardown();
  expect(down.error).toBeUndefined();
  expect(down.data).toMatchObject({ audit: { left: [] } });
});

test("an address that was associated a moment ago, and is not shown so yet, is released", async () => {
  const clock = hurriedClock();
  const stack = await bench({ clock, profile: { ...instant, describeLag: 20_000, stale: true } });
  await stack.make(["create-vpcs", "launch", "eip"]);
  const began = clock.now();
  expect((await stack.teardown(["eip"])).error).toBeUndefined();
  expect(clock.now() - began, "the sixty seconds of lag and no more").toBeLessThan(100_000);
  await clock.sleep(60_000);
  expect((await stack.ec2.describeAddresses()).Addresses).toEqual([]);
});
