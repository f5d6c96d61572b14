import { rmSync } from "node:fs";
import { EC2Client, RevokeSecurityGroupIngressCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { expect, onTestFinished, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { readFile, recorded } from "../crash/support/inventory.ts";
import { finishesDown, goalOf } from "../crash/support/kill.ts";
import { peerctl } from "../crash/support/peerctl.ts";
import { openPlace } from "../crash/support/place.ts";

async function placeWith(...commands: string[][]) {
  const place = await openPlace();
  onTestFinished(() => place.close());
  for (const each of commands) {
    const { code, stderr } = await peerctl(place, each);
    expect(code, stderr).toBe(0);
  }
  const client = new EC2Client({
    endpoint: place.lab.url,
    region: "us-east-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "x" },
  });
  onTestFinished(() => client.destroy());
  return { ...place, client, statePath: place.statePath };
}

test.each([
  [[["up"]]],
  [[["create-vpcs"]]],
  [[["create-vpcs"], ["peer"]]],
  [[["create-vpcs"], ["launch"]]],
  [
    [
      [
        "up",
        "--cidr",
        "a=10.7.0.0/16",
        "--cidr",
        "b=10.8.0.0/20",
        "--cidr",
        "c=10.9.0.0/24",
        "--peering",
        "c~a",
      ],
    ],
  ],
])("after %j a lost file is rebuilt, key by key", async (commands) => {
  const place = await placeWith(...commands);
  const before = { recorded: recorded(place), state: readFile(place)!, calls: place.lab.log.entries.length };
  rmSync(place.statePath);

  const { code, stderr, stdout } = await peerctl(place, ["recover", "--json"]);
  expect(code, stderr).toBe(0);
  const after = readFile(place)!;
  expect(recorded(place)).toEqual(before.recorded);
  expect(after.stack).toEqual(before.state.stack);
  expect(after.topology).toEqual(before.state.topology);
  for (const [key, { attributes, step, type }] of Object.entries(before.state.resources)) {
    expect(after.resources[key], key).toMatchObject({ attributes, step, type });
  }
  expect(Object.keys(JSON.parse(stdout).resources).sort()).toEqual(
    Object.keys(before.state.resources).sort(),
  );
  const changes = place.lab.log.entries.slice(before.calls).filter(({ action }) => !isRead(action));
  expect(changes).toEqual([]);

  const goal = goalOf(place);
  const again = await peerctl(place, ["up", "--json"]);
  expect(again.code, again.stderr).toBe(0);
  if (commands[0]![0] === "up") expect(goalOf(place)).toEqual(goal);
  await finishesDown(place);
});

test("what goes after the recovery is made anew, with a token that the lost file's runs never used", async () => {
  const { client, ...place } = await placeWith(["up"]);
  const goal = goalOf(place);
  const id = readFile(place)!.resources["instance/vpc-2"]!.id;
  rmSync(place.statePath);
  await peerctl(place, ["recover"]);
  await client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  const { code, stderr } = await peerctl(place, ["up"]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/instance\/vpc-2 .* made/);
  expect(place.lab.log.entries.filter(({ error }) => error === "IdempotentInstanceTerminated")).toEqual([]);
  expect(goalOf(place)).toEqual(goal);
});

test("a rule for an address that its maker has left is found, and closed by the next up", async () => {
  const { client: _, ...place } = await placeWith(["up", "--ssh-from", "192.0.2.0/24"]);
  rmSync(place.statePath);
  await peerctl(place, ["recover"]);
  expect(readFile(place)!.resources["ssh-rule/vpc-1"]?.attributes).toEqual({ cidr: "192.0.2.0/24" });
  await peerctl(place, ["up"]);
  const group = goalOf(place).account.find((line) => line.startsWith("security-group/vpc-1"));
  expect(group).toBe("security-group/vpc-1 in vpc/vpc-1 : tcp/22:22<-198.51.100.7/32");
});

test("what is not there to be found is not recorded", async () => {
  const { client, ...place } = await placeWith(["up"]);
  const GroupId = readFile(place)!.resources["security-group/vpc-2"]!.id;
  await client.send(
    new RevokeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: "icmp", FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: "10.1.0.0/16" }] }],
    }),
  );
  rmSync(place.statePath);
  await peerctl(place, ["recover"]);
  expect(Object.keys(readFile(place)!.resources)).not.toContain("icmp-rule/vpc-1~vpc-2");
  const { stderr } = await peerctl(place, ["up"]);
  expect(stderr).toMatch(/\+ icmp-rule\/vpc-1~vpc-2/);
});

test("it replaces no file, and does not guess", async () => {
  const { client: _, ...place } = await placeWith(["create-vpcs"]);
  const held = await peerctl(place, ["recover"]);
  expect(held).toMatchObject({ code: 1, stderr: expect.stringContaining("is there, and whole") });

  rmSync(place.statePath);
  const unknown = await peerctl(place, ["recover", "--name", "other"]);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('no stack "other"') });
  const uuid = await peerctl(place, ["recover", "--uuid", "0d3f4a52-6a54-4f4e-9a5e-0c4f6f1f7a11"]);
  expect(uuid).toMatchObject({ code: 1, stderr: expect.stringContaining("with the uuid 0d3f4a52") });
  expect(place.files()).toEqual([]);
});
