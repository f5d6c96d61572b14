import type { Vpc } from "@aws-sdk/client-ec2";
import { addressOf, cidr } from "../net/cidr.ts";
import type { Call } from "./action.ts";
import { attached, newSubnet, newVpc } from "./actions/new-vpc.ts";
import { zonesOf } from "./region.ts";

const block = cidr("172.31.0.0/16");
const subnetSize = 2 ** 12;

/**
 * The VPC that a new account finds in each Region: a public /20 subnet in each zone and the way out.
 * https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
 */
export function makeDefaultVpc(call: Call): Vpc {
  const { world, tables, account, region } = call;
  const vpc = newVpc(call, block, { isDefault: true });
  for (const [place, zone] of zonesOf(region).entries()) {
    const first = addressOf(4, Number(block.first) + place * subnetSize);
    newSubnet(call, vpc.VpcId!, cidr(`${first.text}/20`), zone, true);
  }
  const InternetGatewayId = world.ids.make("igw");
  tables.internetGateways.set(InternetGatewayId, {
    InternetGatewayId,
    OwnerId: account,
    Attachments: [attached(vpc.VpcId!)],
  });
  const main = [...tables.routeTables.values()].find(({ VpcId }) => VpcId === vpc.VpcId);
  main?.Routes?.push({
    DestinationCidrBlock: "0.0.0.0/0",
    GatewayId: InternetGatewayId,
    Origin: "CreateRoute",
  });
  return vpc;
}
