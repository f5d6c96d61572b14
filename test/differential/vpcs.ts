import {
  AssociateRouteTableCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import type { Place } from "./clients.ts";

export interface Vpc extends Place {
  id: string;
  blocks: string[];
  gateway?: string;
  subnets: { id: string; block: string; table: string }[];
  tables: string[];
  groups: string[];
  interfaces: string[];
}

/** A VPC with one to three subnets, maybe in a second block, whose route tables are the main one or their own. */
export async function makeVpc(place: Place, chance: Chance, block: string): Promise<Vpc> {
  const { client, region } = place;
  const { Vpc: made } = await client.send(new CreateVpcCommand({ CidrBlock: block }));
  const id = made!.VpcId!;
  const vpc: Vpc = { ...place, id, blocks: [block], subnets: [], tables: [], groups: [], interfaces: [] };
  if (chance.percent(20)) {
    // 10.3.0.0/16 gets 10.103.0.0/16.
    const CidrBlock = block.replace(/^10\.(\d+)/, (_, n) => `10.${100 + Number(n)}`);
    await client.send(new AssociateVpcCidrBlockCommand({ VpcId: id, CidrBlock }));
    vpc.blocks.push(CidrBlock);
  }
  const filter = { Filters: [{ Name: "vpc-id", Values: [id] }] };
  const { RouteTables } = await client.send(new DescribeRouteTablesCommand(filter));
  const main = RouteTables![0]!.RouteTableId!;
  vpc.tables.push(main);
  if (chance.percent(85)) {
    const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}));
    vpc.gateway = InternetGateway!.InternetGatewayId!;
    await client.send(new AttachInternetGatewayCommand({ VpcId: id, InternetGatewayId: vpc.gateway }));
  }
  for (let n = 0, count = 1 + chance.below(3); n < count; n += 1) {
    const stem = chance.pick(vpc.blocks).split(".").slice(0, 2).join(".");
    const CidrBlock = `${stem}.${n}.0/24`;
    const { Subnet } = await client.send(
      new CreateSubnetCommand({ VpcId: id, CidrBlock, AvailabilityZone: `${region}a` }),
    );
    const subnet = { id: Subnet!.SubnetId!, block: CidrBlock, table: main };
    if (chance.percent(50)) {
      const { RouteTable } = await client.send(new CreateRouteTableCommand({ VpcId: id }));
      subnet.table = RouteTable!.RouteTableId!;
      vpc.tables.push(subnet.table);
      await client.send(new AssociateRouteTableCommand({ RouteTableId: subnet.table, SubnetId: subnet.id }));
    }
    vpc.subnets.push(subnet);
  }
  return vpc;
}
