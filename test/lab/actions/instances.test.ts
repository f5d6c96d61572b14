import type { EC2 } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { fingerprint, hostKeyOf, publicKeyOf } from "../../../src/lab/host-key.ts";
import { aws } from "../../../src/lab/profile.ts";
import { tablesOf } from "../../../src/lab/world-store.ts";
import { outcomeOf } from "../start.ts";
import { awsForTest, instanceNow, launch, network } from "./aws.ts";

async function scene(options = {}) {
  const lab = await awsForTest(options);
  const vpc = await network(lab.ec2);
  return { ...lab, ...vpc, ...(await launch(lab.ec2, { SubnetId: vpc.SubnetId })) };
}

const stop = (ec2: EC2, id: string) => ec2.stopInstances({ InstanceIds: [id] });
const start = (ec2: EC2, id: string) => ec2.startInstances({ InstanceIds: [id] });
const terminate = (ec2: EC2, id: string) => ec2.terminateInstances({ InstanceIds: [id] });
const reboot = (ec2: EC2, id: string) => ec2.rebootInstances({ InstanceIds: [id] });

describe("states", () => {
  test("each change says from where to where", async () => {
    const { ec2, InstanceId } = await scene();
    const change = (from: object, to: object) => [{ InstanceId, PreviousState: from, CurrentState: to }];
    const running = { Code: 16, Name: "running" };
    const stopped = { Code: 80, Name: "stopped" };
    expect((await stop(ec2, InstanceId)).StoppingInstances).toEqual(
      change(running, { Code: 64, Name: "stopping" }),
    );
    expect((await stop(ec2, InstanceId)).StoppingInstances).toEqual(change(stopped, stopped));
    expect((await start(ec2, InstanceId)).StartingInstances).toEqual(
      change(stopped, { Code: 0, Name: "pending" }),
    );
    expect((await start(ec2, InstanceId)).StartingInstances).toEqual(change(running, running));
    expect(await outcomeOf(reboot(ec2, InstanceId))).toBe("done");
    expect((await terminate(ec2, InstanceId)).TerminatingInstances).toEqual(
      change(running, { Code: 32, Name: "shutting-down" }),
    );
    const terminated = { Code: 48, Name: "terminated" };
    expect((await terminate(ec2, InstanceId)).TerminatingInstances).toEqual(change(terminated, terminated));
  });

  const wrong: [string, (ec2: EC2, id: string) => Promise<unknown>, RegExp][] = [
    [
      "start",
      start,
      /^IncorrectInstanceState: The instance 'i-\w+' is not in a state from which it can be started\.$/,
    ],
    ["stop", stop, /^IncorrectInstanceState: .* can be stopped\.$/],
    ["reboot", reboot, /^IncorrectInstanceState/],
    ["terminate", terminate, /^done$/],
  ];
  test.each(wrong)("%s after termination", async (_name, act, outcome) => {
    const { ec2, InstanceId } = await scene();
    await terminate(ec2, InstanceId);
    expect(await outcomeOf(act(ec2, InstanceId))).toMatch(outcome);
  });

  test.each(wrong)("%s while pending", async (name, act) => {
    const profile = { ...aws, latency: 0, throttle: false, describeLag: 0 };
    const { ec2, InstanceId } = await scene({ profile });
    const outcome = await outcomeOf(act(ec2, InstanceId));
    expect(outcome).toMatch(["stop", "reboot"].includes(name) ? /^IncorrectInstanceState/ : /^done$/);
  });

  test("all or none of those named", async () => {
    const { ec2, InstanceId } = await scene();
    const nobody = "i-00000000000000000";
    const both = { InstanceIds: [InstanceId, nobody] };
    expect(await outcomeOf(ec2.stopInstances(both))).toBe(
      `InvalidInstanceID.NotFound: The instance ID '${nobody}' does not exist`,
    );
    expect((await instanceNow(ec2, InstanceId))?.State?.Name).toBe("running");
    expect(await outcomeOf(stop(ec2, "vpc-1"))).toMatch(/^InvalidInstanceID.Malformed/);
  });

  test("a terminated one has nothing left, stays visible for an hour and is then forgotten", async () => {
    const { ec2, InstanceId, SubnetId, pass } = await scene();
    await terminate(ec2, InstanceId);
    const dead = await instanceNow(ec2, InstanceId);
    expect(dead).toMatchObject({
      State: { Code: 48, Name: "terminated" },
      StateTransitionReason: "User initiated (2026-01-02 03:04:05 GMT)",
      StateReason: {
        Code: "Client.UserInitiatedShutdown",
        Message: "Client.UserInitiatedShutdown: User initiated shutdown",
      },
      NetworkInterfaces: [],
      SecurityGroups: [],
      BlockDeviceMappings: [],
      PrivateDnsName: "",
    });
    expect([dead?.VpcId, dead?.SubnetId, dead?.PrivateIpAddress]).toEqual([undefined, undefined, undefined]);
    expect((await ec2.describeNetworkInterfaces({})).NetworkInterfaces).toEqual([]);
    const { Subnets } = await ec2.describeSubnets({ SubnetIds: [SubnetId] });
    expect(Subnets?.[0]?.AvailableIpAddressCount).toBe(251);
    pass(3_600_000);
    pass(3_600_000);
    expect(await outcomeOf(instanceNow(ec2, InstanceId))).toMatch(/^InvalidInstanceID.NotFound/);
  });

  test("terminated while it stops, it does not come back as stopped", async () => {
    const profile = { ...aws, latency: 0, throttle: false, describeLag: 0 };
    const { ec2, InstanceId, pass } = await scene({ profile });
    pass(20_000);
    await stop(ec2, InstanceId);
    await terminate(ec2, InstanceId);
    pass(18_000);
    expect((await instanceNow(ec2, InstanceId))?.State?.Name).toBe("shutting-down");
    pass(20_000);
    expect((await instanceNow(ec2, InstanceId))?.State?.Name).toBe("terminated");
  });
});

test("one that was stopped is terminated within a second or so: there is no guest to shut down", async () => {
  const profile = { ...aws, latency: 0, throttle: false, describeLag: 0 };
  const { ec2, InstanceId, pass } = await scene({ profile });
  pass(20_000);
  await stop(ec2, InstanceId);
  pass(20_000);
  const { TerminatingInstances } = await terminate(ec2, InstanceId);
  expect(TerminatingInstances).toMatchObject([
    { PreviousState: { Name: "stopped" }, CurrentState: { Name: "shutting-down" } },
  ]);
  pass(1300);
  expect((await instanceNow(ec2, InstanceId))?.State?.Name).toBe("terminated");
});

describe("protection", () => {
  test("from termination and from stopping", async () => {
    const { ec2, InstanceId } = await scene();
    await ec2.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: true } });
    expect(await outcomeOf(terminate(ec2, InstanceId))).toBe(
      `OperationNotPermitted: The instance '${InstanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    );
    await ec2.modifyInstanceAttribute({ InstanceId, DisableApiTermination: { Value: false } });
    await ec2.modifyInstanceAttribute({ InstanceId, DisableApiStop: { Value: true } });
    expect(await outcomeOf(stop(ec2, InstanceId))).toBe(
      `OperationNotPermitted: The instance '${InstanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    );
    expect(await outcomeOf(terminate(ec2, InstanceId))).toMatch(/^OperationNotPermitted: .*'disableApiStop'/);
    await ec2.modifyInstanceAttribute({ InstanceId, Attribute: "disableApiStop", Value: "false" });
    expect(await outcomeOf(terminate(ec2, InstanceId))).toBe("done");
  });
});

describe("attributes", () => {
  const read = async (
    ec2: EC2,
    InstanceId: string,
    Attribute: "userData" | "groupSet" | "sourceDestCheck",
  ) => {
    const {
      $metadata: _,
      InstanceId: _id,
      ...rest
    } = await ec2.describeInstanceAttribute({
      InstanceId,
      Attribute,
    });
    return rest;
  };

  test("user data is there to read, and changes only while stopped", async () => {
    const { ec2, InstanceId } = await scene();
    expect(await read(ec2, InstanceId, "userData")).toEqual({ UserData: {} });
    const change = () =>
      ec2.modifyInstanceAttribute({ InstanceId, UserData: { Value: Buffer.from("#!/bin/sh\n") } });
    expect(await outcomeOf(change())).toBe(
      `IncorrectInstanceState: The instance '${InstanceId}' is not in the 'stopped' state.`,
    );
    await stop(ec2, InstanceId);
    await change();
    expect(await read(ec2, InstanceId, "userData")).toEqual({
      UserData: { Value: Buffer.from("#!/bin/sh\n").toString("base64") },
    });
  });

  test("groups and source/dest check are the interface's", async () => {
    const { ec2, InstanceId, VpcId, NetworkInterfaceId } = await scene();
    const { GroupId = "" } = await ec2.createSecurityGroup({ VpcId, GroupName: "g", Description: "d" });
    await ec2.modifyInstanceAttribute({ InstanceId, Groups: [GroupId] });
    await ec2.modifyInstanceAttribute({ InstanceId, SourceDestCheck: { Value: false } });
    expect(await read(ec2, InstanceId, "groupSet")).toEqual({ Groups: [{ GroupId, GroupName: "g" }] });
    expect(await read(ec2, InstanceId, "sourceDestCheck")).toEqual({ SourceDestCheck: { Value: false } });
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({
      NetworkInterfaceIds: [NetworkInterfaceId],
    });
    expect(NetworkInterfaces?.[0]).toMatchObject({ SourceDestCheck: false, Groups: [{ GroupId }] });
  });

  const bad: [string, object, RegExp][] = [
    ["none", {}, /^InvalidParameterCombination: No attributes specified/],
    [
      "two",
      { DisableApiStop: { Value: true }, EbsOptimized: { Value: true } },
      /^InvalidParameterCombination: Fields for multiple attribute types specified: disableApiStop, ebsOptimized$/,
    ],
    ["an unknown one", { Attribute: "colour", Value: "red" }, /^InvalidParameterValue/],
    ["a type while it runs", { InstanceType: { Value: "t3.small" } }, /^IncorrectInstanceState/],
    [
      "an unknown behaviour",
      { InstanceInitiatedShutdownBehavior: { Value: "burn" } },
      /^InvalidParameterValue/,
    ],
  ];
  test.each(bad)("%s is refused", async (_name, input, outcome) => {
    const { ec2, InstanceId } = await scene();
    expect(await outcomeOf(ec2.modifyInstanceAttribute({ InstanceId, ...input }))).toMatch(outcome);
  });

  test("metadata options", async () => {
    const { ec2, InstanceId } = await scene();
    const { InstanceMetadataOptions } = await ec2.modifyInstanceMetadataOptions({
      InstanceId,
      HttpTokens: "optional",
    });
    expect(InstanceMetadataOptions).toMatchObject({ State: "pending", HttpTokens: "optional" });
    expect((await instanceNow(ec2, InstanceId))?.MetadataOptions).toMatchObject({
      State: "applied",
      HttpTokens: "optional",
      HttpEndpoint: "enabled",
    });
  });

  test("credit specifications: T3 is unlimited, T2 is not, others have none", async () => {
    const { ec2, InstanceId } = await scene();
    const t2 = await launch(ec2, { InstanceType: "t2.micro" });
    const t3 = await launch(ec2, { CreditSpecification: { CpuCredits: "standard" } });
    await launch(ec2, { InstanceType: "m5.large" });
    const { InstanceCreditSpecifications } = await ec2.describeInstanceCreditSpecifications({});
    expect(InstanceCreditSpecifications).toEqual([
      { InstanceId, CpuCredits: "unlimited" },
      { InstanceId: t2.InstanceId, CpuCredits: "standard" },
      { InstanceId: t3.InstanceId, CpuCredits: "standard" },
    ]);
  });
});

describe("status", () => {
  test("only of what runs, unless all are asked for; initializing for two minutes", async () => {
    const profile = { ...aws, latency: 0, throttle: false, describeLag: 0 };
    const { ec2, InstanceId, pass } = await scene({ profile });
    const look = async (IncludeAllInstances = false) =>
      (await ec2.describeInstanceStatus({ InstanceIds: [InstanceId], IncludeAllInstances })).InstanceStatuses;
    expect(await look()).toEqual([]);
    expect((await look(true))?.[0]).toMatchObject({
      InstanceState: { Name: "pending" },
      InstanceStatus: { Status: "not-applicable" },
    });
    pass(12_000);
    expect((await look())?.[0]?.InstanceStatus?.Status).toBe("initializing");
    pass(120_000);
    expect((await look())?.[0]).toMatchObject({
      InstanceStatus: { Status: "ok", Details: [{ Name: "reachability", Status: "passed" }] },
      SystemStatus: { Status: "ok" },
    });
    expect(await outcomeOf(ec2.describeInstanceStatus({ InstanceIds: ["i-00000000000000000"] }))).toMatch(
      /^InvalidInstanceID.NotFound/,
    );
  });
});

describe("the console", () => {
  const text = async (ec2: EC2, InstanceId: string, Latest?: boolean) => {
    const { Output } = await ec2.getConsoleOutput({ InstanceId, Latest });
    return Output && Buffer.from(Output, "base64").toString();
  };

  test("shows the host key's fingerprint once sshd is up", async () => {
    const profile = { ...aws, latency: 0, throttle: false, describeLag: 0 };
    const { ec2, InstanceId, lab, pass } = await scene({ profile });
    expect(await text(ec2, InstanceId, true)).toBeUndefined();
    pass(11_000);
    expect(await text(ec2, InstanceId, true)).toBeUndefined();
    pass(8_000);
    const shown = (await text(ec2, InstanceId, true)) ?? "";
    const record = tablesOf(lab.world, "123456789012", "us-east-1").instances.get(InstanceId);
    const key = publicKeyOf(hostKeyOf(record!));
    const block = /BEGIN SSH HOST KEY FINGERPRINTS-----\r\n(.*)\r\n.*END SSH HOST KEY FINGERPRINTS/s.exec(
      shown,
    );
    expect(block?.[1]).toBe(
      `${/^<14>Jan +2 \d\d:\d\d:\d\d cloud-init: /.exec(block?.[1] ?? "")?.[0]}256 ${fingerprint(key)} root@ip-10-1-0-4.ec2.internal (ED25519)`,
    );
    expect(shown).toContain(
      `-----BEGIN SSH HOST KEY KEYS-----\r\n${key} root@ip-10-1-0-4.ec2.internal\r\n-----END`,
    );
    await stop(ec2, InstanceId);
    pass(20_000);
    await start(ec2, InstanceId);
    pass(20_000);
    expect(await text(ec2, InstanceId, true)).toContain(fingerprint(key));
  });

  test("the latest text is for Nitro only", async () => {
    const { ec2 } = await awsForTest();
    const { InstanceId } = await launch(ec2, { InstanceType: "t2.micro" });
    expect(await outcomeOf(text(ec2, InstanceId, true))).toMatch(/^UnsupportedOperation: This instance type/);
    expect(await text(ec2, InstanceId)).toContain("BEGIN SSH HOST KEY KEYS");
  });
});

describe("DescribeInstances", () => {
  test("filters", async () => {
    const { ec2, InstanceId, SubnetId, VpcId, NetworkInterfaceId } = await scene();
    const Placement = { AvailabilityZone: "us-east-1b" };
    const { InstanceId: second, instance } = await launch(ec2, { Placement });
    await stop(ec2, InstanceId);
    const found = async (Name: string, Value: string) => {
      const { Reservations } = await ec2.describeInstances({ Filters: [{ Name, Values: [Value] }] });
      return Reservations?.flatMap((each) => each.Instances?.map((one) => one.InstanceId));
    };
    const rows: [string, string, string[]][] = [
      ["instance-state-name", "stopped", [InstanceId]],
      ["instance-state-code", "16", [second]],
      ["vpc-id", VpcId, [InstanceId]],
      ["subnet-id", SubnetId, [InstanceId]],
      ["private-ip-address", "10.1.0.4", [InstanceId]],
      ["ip-address", instance?.PublicIpAddress ?? "", [second]],
      ["network-interface.network-interface-id", NetworkInterfaceId, [InstanceId]],
      ["network-interface.addresses.private-ip-address", "10.1.*", [InstanceId]],
      ["network-interface.association.public-ip", instance?.PublicIpAddress ?? "", [second]],
      ["instance-type", "t3.*", [InstanceId, second]],
      ["availability-zone", "us-east-1a", [InstanceId]],
    ];
    for (const [name, value, expected] of rows)
      expect([name, await found(name, value)]).toEqual([name, expected]);
    expect(await outcomeOf(found("colour", "red"))).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    );
  });

  test("pages, and several unknown ids", async () => {
    const { ec2 } = await awsForTest();
    await ec2.runInstances({
      ImageId: (await launch(ec2)).instance?.ImageId,
      InstanceType: "t3.micro",
      MinCount: 6,
      MaxCount: 6,
    });
    const first = await ec2.describeInstances({ MaxResults: 5 });
    const rest = await ec2.describeInstances({ MaxResults: 5, NextToken: first.NextToken });
    const count = (page: typeof first) => page.Reservations?.flatMap((each) => each.Instances).length;
    expect([count(first), count(rest), rest.NextToken]).toEqual([5, 2, undefined]);
    const ids = ["i-00000000000000000", "i-00000000000000001"];
    expect(await outcomeOf(ec2.describeInstances({ InstanceIds: ids }))).toBe(
      `InvalidInstanceID.NotFound: The instance IDs '${ids.join(", ")}' do not exist`,
    );
    expect(await outcomeOf(ec2.describeInstances({ InstanceIds: ids, MaxResults: 5 }))).toMatch(
      /^InvalidParameterCombination/,
    );
  });
});
