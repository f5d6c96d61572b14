import {
  AssociateRouteTableCommand,
  AssociateVpcCidrBlockCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { addressOf, cidr } from "../../src/net/cidr.ts";
import type { Chance } from "./chance.ts";
import { type Place, refused } from "./clients.ts";

export interface Vpc extends Place {
  id: string;
  blocks: string[];
  gateway?: string;
  subnets: { id: string; block: string; table: string }[];
  tables: string[];
  /** The default one first. */
  groups: string[];
  interfaces: string[];
}

/** The block of the n-th VPC: most as in AWS's examples, some of the other ranges and sizes, public ones among them. */
export function blockFor(chance: Chance, n: number): string {
  if (chance.percent(75)) return `10.${n}.0.0/16`;
  return chance.pick([
    `10.${n}.7.16/28`,
    `10.${n}.7.64/26`,
    `172.${16 + n}.0.0/16`,
    `192.168.${16 * n}.0/20`,
    `100.${64 + n}.0.0/16`,
    `52.${n}.0.0/16`,
    "8.8.0.0/20",
  ]);
}

/** A VPC with one to three subnets, maybe in a second block, whose route tables are the main one or their own. */
export async function makeVpc(place: Place, chance: Chance, block: string): Promise<Vpc> {
  const { client, region } = place;
  const { Vpc: made } = await client.send(new CreateVpcCommand({ CidrBlock: block }));
  const id = made!.VpcId!;
  const filter = { Filters: [{ Name: "vpc-id", Values: [id] }] };
  const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand(filter));
  const groups = [SecurityGroups![0]!.GroupId!];
  const vpc: Vpc = { ...place, id, blocks: [block], subnets: [], tables: [], groups, interfaces: [] };
  if (chance.percent(20) && /^10\.\d+\.0\.0\/16$/.test(block)) {
    // 10.3.0.0/16 gets 10.103.0.0/16.
    const CidrBlock = block.replace(/^10\.(\d+)/, (_, n) => `10.${100 + Number(n)}`);
    await client.send(new AssociateVpcCidrBlockCommand({ VpcId: id, CidrBlock }));
    vpc.blocks.push(CidrBlock);
  }
  const { RouteTables } = await client.send(new DescribeRouteTablesCommand(filter));
  const main = RouteTables![0]!.RouteTableId!;
  vpc.tables.push(main);
  if (chance.percent(85)) {
    const { InternetGateway } = await client.send(new CreateInternetGatewayCommand({}));
    vpc.gateway = InternetGateway!.InternetGatewayId!;
    await client.send(new AttachInternetGatewayCommand({ VpcId: id, InternetGatewayId: vpc.gateway }));
  }
  for (let n = 0, count = 1 + chance.below(3); n < count; n += 1) {
    const CidrBlock = subnetIn(chance.pick(vpc.blocks), n);
    if (!CidrBlock) continue;
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
  // Left over for later: a table that is no subnet's.
  if (chance.percent(30)) {
    await refused(client.send(new CreateRouteTableCommand({ VpcId: id })));
  }
  return vpc;
}

/** The n-th of the block's subnets, of 256 addresses, or 16 where the block is small; undefined where it has not so many. */
function subnetIn(block: string, n: number): string | undefined {
  const whole = cidr(block);
  const prefix = whole.prefix <= 24 ? 24 : 28;
  const first = Number(whole.first) + n * 2 ** (32 - prefix);
  return first > Number(whole.last) ? undefined : `${addressOf(4, first).text}/${prefix}`;
}
