import {
  AcceptVpcPeeringConnectionCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  type CreateRouteCommandInput,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeRouteTablesCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  type EC2Client,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { snapshotOf } from "../../../src/lab/snapshot.ts";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

async function network() {
  const lab = await labForTest();
  const ec2 = ec2For(lab);
  const vpc = async (CidrBlock: string) =>
    (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? "";
  const [one, two] = [await vpc("10.1.0.0/16"), await vpc("10.2.0.0/16")];
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const gateway = InternetGateway?.InternetGatewayId ?? "";
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId: one }));
  const { VpcPeeringConnection } = await ec2.send(
    new CreateVpcPeeringConnectionCommand({ VpcId: one, PeerVpcId: two }),
  );
  const peering = VpcPeeringConnection?.VpcPeeringConnectionId ?? "";
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: one }));
  return { lab, ec2, one, two, gateway, peering, table: RouteTable?.RouteTableId ?? "" };
}

async function routesOf(ec2: EC2Client, id: string) {
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
  return RouteTables?.[0]?.Routes?.map(
    (each) =>
      `${each.DestinationCidrBlock} ${each.GatewayId ?? each.VpcPeeringConnectionId ?? each.NetworkInterfaceId} ${each.State}`,
  );
}

describe("CreateRoute", () => {
  type Network = Awaited<ReturnType<typeof network>>;
  const rows: [string, (network: Network) => Omit<CreateRouteCommandInput, "RouteTableId">, RegExp][] = [
    [
      "to the gateway",
      ({ gateway }) => ({ DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway }),
      /^done$/,
    ],
    [
      "to a peering that is not accepted",
      ({ peering }) => ({ DestinationCidrBlock: "10.2.0.0/16", VpcPeeringConnectionId: peering }),
      /^done$/,
    ],
    [
      "to no gateway",
      () => ({ DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-0123456789abcdef0" }),
      /^InvalidGatewayID.NotFound: The gateway ID 'igw-0123456789abcdef0' does not exist$/,
    ],
    [
      "to no peering",
      () => ({ DestinationCidrBlock: "10.2.0.0/16", VpcPeeringConnectionId: "pcx-0123456789abcdef0" }),
      /^InvalidVpcPeeringConnectionID.NotFound: The vpcPeeringConnection ID 'pcx-0123456789abcdef0' does not exist$/,
    ],
    [
      "to no NAT gateway",
      () => ({ DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: "nat-0123456789abcdef0" }),
      /^InvalidNatGatewayID.NotFound/,
    ],
    ["to nothing", () => ({ DestinationCidrBlock: "0.0.0.0/0" }), /^MissingParameter/],
    [
      "to two things",
      ({ gateway, peering }) => ({
        DestinationCidrBlock: "0.0.0.0/0",
        GatewayId: gateway,
        VpcPeeringConnectionId: peering,
      }),
      /^InvalidParameterCombination/,
    ],
    ["from nowhere", ({ gateway }) => ({ GatewayId: gateway }), /^MissingParameter/],
    [
      "from no block",
      ({ gateway }) => ({ DestinationCidrBlock: "10.2.0.0/33", GatewayId: gateway }),
      /^InvalidParameterValue: Value \(10.2.0.0\/33\) for parameter destinationCidrBlock/,
    ],
    [
      "within the VPC",
      ({ gateway }) => ({ DestinationCidrBlock: "10.1.3.0/24", GatewayId: gateway }),
      /^InvalidParameterValue: The destination CIDR block 10.1.3.0\/24 is equal to or more specific than one of this VPC's CIDR blocks/,
    ],
    [
      "wider than the VPC",
      ({ gateway }) => ({ DestinationCidrBlock: "10.0.0.0/8", GatewayId: gateway }),
      /^done$/,
    ],
    ["from IPv6", ({ gateway }) => ({ DestinationIpv6CidrBlock: "::/0", GatewayId: gateway }), /^done$/],
    [
      "from a prefix list that is not there",
      ({ gateway }) => ({ DestinationPrefixListId: "pl-1", GatewayId: gateway }),
      /^InvalidPrefixListID.NotFound/,
    ],
  ];
  test.each(rows)("%s", async (_name, input, expected) => {
    const net = await network();
    const call = net.ec2.send(new CreateRouteCommand({ RouteTableId: net.table, ...input(net) }));
    expect(await outcomeOf(call)).toMatch(expected);
  });

  test("another VPC's gateway and peering are refused, and so is a second route", async () => {
    const { ec2, two, gateway, peering } = await network();
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: two }));
    const RouteTableId = RouteTable?.RouteTableId;
    const create = (input: Omit<CreateRouteCommandInput, "RouteTableId">) =>
      outcomeOf(ec2.send(new CreateRouteCommand({ RouteTableId, ...input })));
    expect(await create({ DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway })).toBe(
      `InvalidParameterValue: route table ${RouteTableId} and network gateway ${gateway} belong to different networks`,
    );
    const route = { DestinationCidrBlock: "10.1.0.0/16", VpcPeeringConnectionId: peering };
    expect(await create(route)).toBe("done");
    expect(await create(route)).toBe(
      "RouteAlreadyExists: The route identified by 10.1.0.0/16 already exists.",
    );
  });
});

test("a route's state follows its target, for clients and for packets", async () => {
  const { lab, ec2, one, gateway, peering, table } = await network();
  const packetsSee = () =>
    snapshotOf(lab.world)
      .routeTables.find(({ id }) => id === table)
      ?.routes.map(({ state }) => state);
  const RouteTableId = table;
  await ec2.send(
    new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway }),
  );
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId,
      DestinationCidrBlock: "10.2.3.4/16",
      VpcPeeringConnectionId: peering,
    }),
  );
  const routes = (internet: string, peer: string) => [
    "10.1.0.0/16 local active",
    `0.0.0.0/0 ${gateway} ${internet}`,
    `10.2.0.0/16 ${peering} ${peer}`,
  ];
  expect(await routesOf(ec2, table)).toEqual(routes("active", "blackhole"));
  await ec2.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: peering }));
  expect(await routesOf(ec2, table)).toEqual(routes("active", "active"));
  expect(packetsSee()).toEqual(["active", "active", "active"]);
  const Filters = [{ Name: "route.state", Values: ["blackhole"] }];
  expect((await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables).toEqual([]);
  await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId: one }));
  await ec2.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: peering }));
  expect(await routesOf(ec2, table)).toEqual(routes("blackhole", "blackhole"));
  expect(packetsSee()).toEqual(["active", "blackhole", "blackhole"]);
  expect((await ec2.send(new DescribeRouteTablesCommand({ Filters }))).RouteTables).toHaveLength(1);
  const again = { RouteTableId, DestinationCidrBlock: "10.2.0.0/17", VpcPeeringConnectionId: peering };
  expect(await outcomeOf(ec2.send(new CreateRouteCommand(again)))).toMatch(
    /^InvalidStateTransition|NotFound/,
  );
});

test("routes are replaced and deleted; the local one stays", async () => {
  const { ec2, gateway, peering, table } = await network();
  const to = { RouteTableId: table, DestinationCidrBlock: "10.2.0.0/16" };
  const replace = () =>
    outcomeOf(ec2.send(new ReplaceRouteCommand({ ...to, VpcPeeringConnectionId: peering })));
  expect(await replace()).toBe(
    "InvalidParameterValue: There is no route defined for '10.2.0.0/16' in the route table. Use CreateRoute instead.",
  );
  await ec2.send(new CreateRouteCommand({ ...to, GatewayId: gateway }));
  expect(await replace()).toBe("done");
  expect(await routesOf(ec2, table)).toContain(`10.2.0.0/16 ${peering} blackhole`);
  const remove = (DestinationCidrBlock: string) =>
    outcomeOf(ec2.send(new DeleteRouteCommand({ RouteTableId: table, DestinationCidrBlock })));
  expect(await remove("10.2.0.0/16")).toBe("done");
  expect(await remove("10.2.0.0/16")).toBe(
    `InvalidRoute.NotFound: no route with destination-cidr-block 10.2.0.0/16 in route table ${table}`,
  );
  expect(await remove("10.1.0.0/16")).toBe(
    `InvalidParameterValue: cannot remove local route 10.1.0.0/16 in route table ${table}`,
  );
});

describe("route tables", () => {
  test("a ClientToken makes one, however often it is sent", async () => {
    const { ec2, one, two } = await network();
    const make = (VpcId: string) => ec2.send(new CreateRouteTableCommand({ VpcId, ClientToken: "token" }));
    const [first, second] = [await make(one), await make(one)];
    expect(second.RouteTable?.RouteTableId).toBe(first.RouteTable?.RouteTableId);
    expect(first.ClientToken).toBe("token");
    expect(await outcomeOf(make(two))).toMatch(/^IdempotentParameterMismatch/);
  });

  test("a subnet has one table; the main association moves but never goes", async () => {
    const { ec2, one, two, table } = await network();
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: one, CidrBlock: "10.1.0.0/24" }));
    const { Subnet: foreign } = await ec2.send(
      new CreateSubnetCommand({ VpcId: two, CidrBlock: "10.2.0.0/24" }),
    );
    const associate = (SubnetId?: string) =>
      ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId }));
    const { AssociationId, AssociationState } = await associate(Subnet?.SubnetId);
    expect(AssociationState?.State).toBe("associated");
    expect(await outcomeOf(associate(Subnet?.SubnetId))).toBe(
      `Resource.AlreadyAssociated: the specified association for route table ${table} conflicts with an existing association`,
    );
    expect(await outcomeOf(associate(foreign?.SubnetId))).toBe(
      `InvalidParameterValue: Route table ${table} and subnet ${foreign?.SubnetId} belong to different networks`,
    );
    const remove = (RouteTableId?: string) =>
      outcomeOf(ec2.send(new DeleteRouteTableCommand({ RouteTableId })));
    expect(await remove(table)).toBe(
      `DependencyViolation: The routeTable '${table}' has dependencies and cannot be deleted.`,
    );

    const mainOf = async () => {
      const Filters = [
        { Name: "vpc-id", Values: [one] },
        { Name: "association.main", Values: ["true"] },
      ];
      const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
      const [main, ...others] = RouteTables ?? [];
      expect(others).toEqual([]);
      return { id: main?.RouteTableId, association: main?.Associations?.find((each) => each.Main) };
    };
    const before = await mainOf();
    const leave = (id?: string) =>
      outcomeOf(ec2.send(new DisassociateRouteTableCommand({ AssociationId: id })));
    expect(await leave(before.association?.RouteTableAssociationId)).toBe(
      `InvalidParameterValue: cannot disassociate the main route table association ${before.association?.RouteTableAssociationId}`,
    );
    const { NewAssociationId } = await ec2.send(
      new ReplaceRouteTableAssociationCommand({
        AssociationId: before.association?.RouteTableAssociationId,
        RouteTableId: table,
      }),
    );
    const after = await mainOf();
    expect([after.id, after.association?.RouteTableAssociationId]).toEqual([table, NewAssociationId]);
    expect(await leave(AssociationId)).toBe("done");
    expect(await leave(AssociationId)).toBe(
      `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
    );
    expect(await remove(before.id)).toBe("done");
    expect(await remove(table)).toMatch(/^DependencyViolation/);
  });
});
