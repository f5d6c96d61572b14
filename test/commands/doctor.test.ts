import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { type DoctorOptions, doctor } from "../../src/commands/doctor.ts";
import { graph } from "../../src/commands/graph.ts";
import { type Bench, bench } from "../support/stack.ts";

const ping: DoctorOptions = { protocol: "icmp" };
const three = { cidr: ["a=10.1.0.0/16", "b=10.2.0.0/16", "c=10.3.0.0/16"], peering: ["a~b", "b~c"] };

const ask = (stack: Bench, from?: string, to?: string, options: Partial<DoctorOptions> = {}, how = {}) =>
  stack.command((run) => doctor(run, from, to, { ...ping, ...options }), how);

async function closedToPings(): Promise<Bench> {
  const stack = await bench();
  await stack.make(["create-vpcs", "peer", "route", "launch", "eip"]);
  return stack;
}

test("every form of an end leads to the same answer, in at most twelve calls", async () => {
  const stack = await bench();
  await stack.up();
  const { resources } = await stack.state();
  const instance = (vpc: string) => resources[`instance/${vpc}`]!;
  const forms = (vpc: string) => [
    vpc,
    instance(vpc).id,
    instance(vpc).attributes.interface!,
    instance(vpc).attributes.privateIp!,
    resources[`vpc/${vpc}`]!.id,
  ];
  const sources = forms("vpc-1");
  for (const [n, to] of forms("vpc-2").entries()) {
    const { code, calls, error } = await ask(stack, sources[n], to);
    expect({ to, error, code }).toEqual({ to, error: undefined, code: 0 });
    expect(calls.length).toBeLessThanOrEqual(12);
    expect(new Set(calls.map((action) => action.slice(0, 8)))).toEqual(new Set(["Describe"]));
  }
});

test("needs no state file, and from outside it asks of the public address", async () => {
  const stack = await bench();
  await stack.up();
  const { PublicIp } = (await stack.ec2.describeAddresses({})).Addresses![0]!;
  const how = { flags: { state: "none.json" } };
  const ssh = { protocol: "tcp", port: 22 } as const;
  expect((await ask(stack, "me", PublicIp, ssh, how)).code).toBe(0);
  const { code, data } = await ask(stack, "internet", PublicIp, ssh, how);
  expect(code).toBe(2);
  expect(data).toMatchObject({
    blockers: [{ code: "security-group-ingress" }],
    remedies: [{ by: "aws", note: "This opens it to everybody." }],
  });
});

test("without ends every pair is answered, beside what the topology expects", async () => {
  const stack = await bench();
  await stack.up({ flags: three });
  const { code, data, text } = await ask(stack);
  expect(code).toBe(0);
  expect(data).toMatchObject({ asExpected: true });
  const { pairs } = data as { pairs: { from: string; to: string; expected: boolean; reachable: boolean }[] };
  expect(pairs.map(({ from, to, expected, reachable }) => [from, to, expected, reachable])).toEqual([
    ["a", "b", true, true],
    ["a", "c", false, false],
    ["b", "a", false, false],
    ["b", "c", false, false],
    ["c", "a", false, false],
    ["c", "b", false, false],
  ]);
  expect(text).toContain("a -> c  no   expected no (no peering, and peering is not transitive)");

  const GroupId = (await stack.state()).resources["security-group/a"]!.id;
  const IpPermissions = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "10.0.0.0/8" }] }];
  await stack.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
  const after = await ask(stack);
  expect(after.code).toBe(2);
  expect(after.text).toContain("b -> a is open, though nothing of the stack opens it");
});

test("a stack without instances is told what to run", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  const { code, text } = await ask(stack);
  expect(code).toBe(2);
  expect(text).toContain("fix: peerctl --lab launch");
  expect((await ask(stack, "vpc-1", "vpc-2")).error).toMatchObject({
    message: "there is no instance in vpc-1",
    remedy: "run: peerctl --lab launch",
  });
});

test("--fix mends what is the stack's, and answers again", async () => {
  const stack = await closedToPings();
  const { code, data } = await ask(stack, "vpc-1", "vpc-2", { fix: true });
  expect(code).toBe(0);
  expect(data).toMatchObject({ reachable: true, fixed: ["open-icmp"] });
  const { resources } = await stack.state();
  expect(Object.keys(resources)).toContain("icmp-rule/vpc-1~vpc-2");
});

test("--fix leaves alone what only an aws command mends", async () => {
  const stack = await closedToPings();
  const { code, said, calls } = await ask(stack, "vpc-2", "vpc-1", { fix: true });
  expect(code).toBe(2);
  // The group is the stack's own; but no step opens it for pings from vpc-2.
  expect(said).toContain(
    "no step of peerctl mends this, so --fix changed nothing: what does is at the end of the answer",
  );
  expect(calls.filter((action) => !isRead(action))).toEqual([]);
});

test("--verify sends real packets beside the verdict", async () => {
  const stack = await bench();
  await stack.up();
  const agreed = await ask(stack, "vpc-1", "vpc-2", { verify: true });
  expect(agreed.code).toBe(0);
  expect(agreed.data).toMatchObject({ packets: { arrived: true, agrees: true } });
  const byTcp = await ask(stack, "me", "vpc-1", { verify: true, protocol: "tcp", port: 22 });
  expect(byTcp.data).toMatchObject({ packets: { arrived: true, agrees: true } });
  const closed = await ask(stack, "vpc-2", "vpc-1", { verify: true });
  expect(closed.error?.message).toContain("no public address");
  const odd = await ask(stack, "internet", "vpc-1", { verify: true });
  expect(odd.error?.message).toBe("--verify cannot send icmp from internet");
});

test("a saved snapshot answers offline, and tells no account, name or tag unless asked", async () => {
  const stack = await bench();
  await stack.up();
  const folder = join(stack.file, "..");
  const plain = join(folder, "plain.json");
  const tagged = join(folder, "tagged.json");
  await ask(stack, "vpc-1", "vpc-2", { save: plain });
  await ask(stack, "vpc-1", "vpc-2", { save: tagged, withTags: true, withAccounts: true });
  const text = await readFile(plain, "utf8");
  expect(text).not.toMatch(/123456789012|peerctl:|vpc-1"/);
  expect(await readFile(tagged, "utf8")).toMatch(/peerctl:key[\s\S]*123456789012/);

  const byAddress = await ask(stack, "10.1.0.4", "10.2.0.4", { snapshot: [plain] });
  expect(byAddress).toMatchObject({ code: 0, calls: [], data: { calls: 0, reachable: true } });
  const byName = await ask(stack, "vpc-2", "vpc-1", { snapshot: [tagged] });
  expect(byName).toMatchObject({ code: 2, data: { blockers: [{ name: "vpc-1" }] } });
  expect((await ask(stack, undefined, undefined, { snapshot: [plain] })).text).toMatch(
    /eni-\S+ -> eni-\S+ {2}yes/,
  );
});

test("a file that is no snapshot, a newer one and a damaged one are told apart", async () => {
  const stack = await bench();
  const path = join(stack.file, "..", "s.json");
  const outcome = async (content: string) => {
    await writeFile(path, content);
    return (await ask(stack, "10.0.0.1", "10.0.0.2", { snapshot: [path] })).error?.message;
  };
  expect(await outcome("{")).toContain("cannot read the snapshot");
  expect(await outcome("{}")).toContain("is not a snapshot of peerctl");
  expect(await outcome('{"peerctlSnapshot":2}')).toContain("newer peerctl");
  expect(await outcome('{"peerctlSnapshot":1,"tables":{"vpcs":[{"id":7}]}}')).toContain("tables.vpcs.0");
});

test.for<[string, [string?, string?], Partial<DoctorOptions>, RegExp]>([
  ["one end", ["vpc-1"], {}, /needs two ends/],
  ["a port for a ping", ["vpc-1", "vpc-2"], { port: 7 }, /a ping has no port/],
  ["tcp without a port", ["vpc-1", "vpc-2"], { protocol: "tcp" }, /tcp needs a port/],
  ["a port that is none", ["vpc-1", "vpc-2"], { protocol: "udp", port: 65_536 }, /out of range/],
  ["a name that the stack does not have", ["vpc-1", "vpc-9"], {}, /"vpc-9" is no VPC of the stack "peerctl"/],
  [
    "an instance that is not there",
    ["i-0123456789abcdef0", "vpc-2"],
    {},
    /there is no instance with a network interface/,
  ],
  [
    "a private source that is not there",
    ["10.99.0.1", "vpc-2"],
    {},
    /there is no network interface with the address/,
  ],
  ["tags of nothing", ["vpc-1", "vpc-2"], { withTags: true }, /nothing is saved/],
  ["mending a file", ["vpc-1", "vpc-2"], { fix: true, snapshot: ["x"] }, /neither mended nor pinged/],
])("refuses %s", async ([, [from, to], options, message]) => {
  const stack = await bench();
  await stack.make(["create-vpcs", "launch"]);
  expect((await ask(stack, from, to, options)).error?.message).toMatch(message);
});

test("missing DNS resolution over the peering is a notice, with the command that mends it", async () => {
  const stack = await bench();
  await stack.up();
  const pcx = (await stack.state()).resources["peering/vpc-1~vpc-2"]!.id;
  const before = await ask(stack, "vpc-2", "vpc-1");
  expect(before.data).toMatchObject({
    notices: [
      {
        id: pcx,
        command: `aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id ${pcx} --requester-peering-connection-options AllowDnsResolutionFromRemoteVpc=true --region us-east-1`,
      },
    ],
  });
  await stack.ec2.modifyVpcPeeringConnectionOptions({
    VpcPeeringConnectionId: pcx,
    RequesterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
  });
  expect((await ask(stack, "vpc-2", "vpc-1")).data).toMatchObject({ notices: [] });
});

test("graph draws the stack in each format, the same each time", async () => {
  const stack = await bench();
  await stack.up();
  const draw = (format: "mermaid" | "dot" | "svg") =>
    stack.command((run) => graph(run, [], { format })).then(({ text }) => text);
  expect(await draw("mermaid")).toMatch(/^flowchart LR\n[\s\S]*vpc-1<br\/>10\.1\.0\.0\/16[\s\S]*\(active\)/);
  expect(await draw("dot")).toMatch(/^graph topology \{[\s\S]*\}$/);
  const picture = await draw("svg");
  expect(picture).toBe(await draw("svg"));
  expect(picture).toContain("▸ ping from 10.1.0.0/16");
  const one = await stack.command((run) => graph(run, ["vpc-2"], { format: "mermaid" }));
  expect(one.text).not.toContain("10.1.0.4");
});
