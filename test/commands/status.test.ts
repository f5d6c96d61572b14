import { expect, test } from "vitest";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench, changesIn } from "../support/stack.ts";

type Id = (key: string) => string;
type Row = { key: string; id: string; standing: string; detail: string };

const rowsOf = ({ data }: { data: unknown }) => (data as { resources: Row[] }).resources;

/** What somebody does, and the rows that status has for it. */
const rows: [name: string, (stack: Bench, id: Id) => Promise<Partial<Row>[]>][] = [
  [
    "an interface in our subnet",
    async ({ ec2 }, id) => {
      const made = await ec2.createNetworkInterface({ SubnetId: id("subnet/vpc-1"), Description: "theirs" });
      const eni = made.NetworkInterface!.NetworkInterfaceId!;
      return [{ key: "subnet/vpc-1", id: eni, detail: 'network interface, "theirs"' }];
    },
  ],
  [
    "an interface on our instance",
    async ({ ec2 }, id) => {
      const made = await ec2.createNetworkInterface({ SubnetId: id("subnet/vpc-1") });
      const NetworkInterfaceId = made.NetworkInterface!.NetworkInterfaceId!;
      const InstanceId = id("instance/vpc-1");
      await ec2.attachNetworkInterface({ NetworkInterfaceId, InstanceId, DeviceIndex: 1 });
      return [{ key: "instance/vpc-1", id: NetworkInterfaceId, detail: "network interface, interface" }];
    },
  ],
  [
    "a subnet and a route table in our VPC",
    async ({ ec2 }, id) => {
      const VpcId = id("vpc/vpc-2");
      const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: "10.2.9.0/24" });
      const { RouteTable } = await ec2.createRouteTable({ VpcId });
      return [
        { key: "vpc/vpc-2", id: Subnet!.SubnetId!, detail: "subnet, 10.2.9.0/24" },
        { key: "vpc/vpc-2", id: RouteTable!.RouteTableId!, detail: "route table" },
      ];
    },
  ],
  [
    "a security group that refers to ours",
    async ({ ec2 }, id) => {
      const ours = id("security-group/vpc-1");
      const made = await ec2.createSecurityGroup({
        VpcId: id("vpc/vpc-1"),
        GroupName: "theirs",
        Description: "theirs",
      });
      const GroupId = made.GroupId!;
      await ec2.authorizeSecurityGroupIngress({
        GroupId,
        IpPermissions: [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: ours }] }],
      });
      const detail = `security group, theirs, refers to ${ours}`;
      return [{ key: "security-group/vpc-1", id: GroupId, detail }];
    },
  ],
  [
    "rules of our security group",
    async ({ ec2 }, id) => {
      const GroupId = id("security-group/vpc-2");
      const web = (CidrIp: string) => [
        { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp }] },
      ];
      await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: web("192.0.2.0/24") });
      await ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions: web("198.51.100.0/24") });
      const [key, holder] = ["security-group/vpc-2", GroupId];
      return [
        { key, id: holder, detail: "rule, tcp 443 from 192.0.2.0/24" },
        { key, id: holder, detail: "rule, tcp 443 to 198.51.100.0/24" },
      ];
    },
  ],
  [
    "port 22 for somebody else",
    async ({ ec2 }, id) => {
      const GroupId = id("security-group/vpc-1");
      const IpRanges = [{ CidrIp: "192.0.2.1/32", Description: "a colleague" }];
      await ec2.authorizeSecurityGroupIngress({
        GroupId,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges }],
      });
      return [{ key: "security-group/vpc-1", id: GroupId, detail: "rule, tcp 22 from 192.0.2.1/32" }];
    },
  ],
  [
    "routes of our route table, and of a VPC's main one",
    async ({ ec2 }, id) => {
      const table = id("route-table/vpc-1");
      const [pcx, igw] = [id("peering/vpc-1~vpc-2"), id("internet-gateway/vpc-2")];
      await ec2.createRoute({
        RouteTableId: table,
        DestinationCidrBlock: "10.9.0.0/16",
        VpcPeeringConnectionId: pcx,
      });
      const { RouteTables } = await ec2.describeRouteTables({
        Filters: [
          { Name: "vpc-id", Values: [id("vpc/vpc-2")] },
          { Name: "association.main", Values: ["true"] },
        ],
      });
      const RouteTableId = RouteTables![0]!.RouteTableId!;
      await ec2.createRoute({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId: igw });
      return [
        { key: "route-table/vpc-1", id: table, detail: `route, 10.9.0.0/16 -> ${pcx}` },
        { key: "vpc/vpc-2", id: RouteTableId, detail: `route, 0.0.0.0/0 -> ${igw}` },
      ];
    },
  ],
  [
    "an instance that is stopped",
    async ({ ec2 }, id) => {
      await ec2.stopInstances({ InstanceIds: [id("instance/vpc-2")] });
      return [{ key: "instance/vpc-2", id: id("instance/vpc-2"), standing: "stopped", detail: "stopped" }];
    },
  ],
  [
    "another security group instead of our instance's",
    async ({ ec2 }, id) => {
      const { SecurityGroups } = await ec2.describeSecurityGroups({
        Filters: [
          { Name: "vpc-id", Values: [id("vpc/vpc-1")] },
          { Name: "group-name", Values: ["default"] },
        ],
      });
      const other = SecurityGroups![0]!.GroupId!;
      const InstanceId = id("instance/vpc-1");
      await ec2.modifyInstanceAttribute({ InstanceId, Groups: [other] });
      return [
        {
          key: "instance/vpc-1",
          id: InstanceId,
          standing: "changed",
          detail: expect.stringMatching(`^its interface eni-\\w+ is without ${id("security-group/vpc-1")}$`),
        },
        {
          key: "instance/vpc-1",
          id: other,
          detail: expect.stringMatching(/^security group default on eni-/),
        },
      ];
    },
  ],
];

test.each(rows)("status shows %s, changes nothing, and asks ten times at most", async (_name, meddle) => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  expect(await stack.status()).toMatchObject({ code: 0, data: { inStep: true } });
  const { resources } = await stack.state();
  const expected = await meddle(stack, (key) => resources[key]!.id);

  const status = await stack.status();
  expect(status).toMatchObject({ code: 2, data: { inStep: false } });
  const odd = rowsOf(status).filter(({ standing }) => standing !== "live");
  expect(odd).toHaveLength(expected.length);
  for (const each of expected) expect(odd).toContainEqual({ standing: "not ours", ...each });
  for (const { id } of odd) expect(status.text).toContain(id);
  expect(changesIn(status)).toEqual([]);
  expect(status.calls.length).toBeLessThanOrEqual(10);
});

test("what to do about it is said; what is the stack's own stays as it stands", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.up();
  const { resources } = await stack.state();
  await stack.ec2.createNetworkInterface({ SubnetId: resources["subnet/vpc-1"]!.id });
  await stack.ec2.stopInstances({ InstanceIds: [resources["instance/vpc-2"]!.id] });
  const status = await stack.status();
  expect(status.said.join("\n")).toContain(
    "up starts what is stopped, what is not ours stays, and may be in the way of",
  );
  await stack.up();
  const after = await stack.status();
  expect(
    rowsOf(after)
      .filter(({ standing }) => standing !== "live")
      .map(({ standing }) => standing),
  ).toEqual(["not ours"]);
});
