import {
  AssociateVpcCidrBlock$,
  type AssociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlock$,
  type DisassociateVpcCidrBlockRequest,
} from "@aws-sdk/client-ec2";
import { cidr, contains, overlaps } from "../../net/cidr.ts";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { refuseUnmodelled, sizedBlock } from "./parameters.ts";

const unmodelled = [
  "Ipv6CidrBlock",
  "Ipv6Pool",
  "Ipv4IpamPoolId",
  "Ipv6IpamPoolId",
  "AmazonProvidedIpv6CidrBlock",
];

/** Secondary IPv4 blocks. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#vpc-resize */
export const vpcCidrBlockActions: Actions = {
  AssociateVpcCidrBlock: changes(AssociateVpcCidrBlock$, (input: AssociateVpcCidrBlockRequest, call) => {
    refuseUnmodelled(input, unmodelled);
    const vpc = find(call, "vpc", input.VpcId);
    if (!input.CidrBlock) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter cidrBlock");
    }
    const block = sizedBlock(input.CidrBlock, "cidrBlock", "InvalidVpc.Range");
    const present = vpc.CidrBlockAssociationSet ?? [];
    if (present.some((each) => overlaps(cidr(each.CidrBlock!), block))) {
      throw new Ec2Error(
        "InvalidVpc.Range",
        `The CIDR '${block.text}' conflicts with another CIDR of the VPC.`,
      );
    }
    if (present.length >= quota(call.world, "cidrBlocksPerVpc")) {
      throw new Ec2Error(
        "CidrLimitExceeded",
        `This network '${vpc.VpcId}' has met its maximum number of allowed CIDRs: ${present.length}`,
      );
    }
    const AssociationId = call.world.ids.make("vpc-cidr-assoc");
    const association = { AssociationId, CidrBlock: block.text };
    vpc.CidrBlockAssociationSet = [...present, { ...association, CidrBlockState: { State: "associated" } }];
    for (const table of tablesOfVpc(call, vpc.VpcId!)) {
      table.Routes?.push({
        DestinationCidrBlock: block.text,
        GatewayId: "local",
        Origin: "CreateRouteTable",
      });
    }
    return {
      VpcId: vpc.VpcId,
      CidrBlockAssociation: { ...association, CidrBlockState: { State: "associating" } },
    };
  }),

  DisassociateVpcCidrBlock: changes(
    DisassociateVpcCidrBlock$,
    ({ AssociationId }: DisassociateVpcCidrBlockRequest, call) => {
      const vpc = [...call.tables.vpcs.values()].find((each) =>
        each.CidrBlockAssociationSet?.some((association) => association.AssociationId === AssociationId),
      );
      const found = vpc?.CidrBlockAssociationSet?.find((each) => each.AssociationId === AssociationId);
      if (!vpc || !found) {
        throw new Ec2Error(
          "InvalidVpcCidrBlockAssociationID.NotFound",
          `The vpc CIDR block association ID '${AssociationId}' does not exist`,
        );
      }
      const { CidrBlock } = found;
      if (CidrBlock === vpc.CidrBlock) {
        throw new Ec2Error(
          "OperationNotPermitted",
          `The vpc CIDR block with association ID ${AssociationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
        );
      }
      if (holdsSubnets(call, vpc.VpcId!, CidrBlock!)) {
        throw new Ec2Error(
          "InvalidCidrBlock.InUse",
          `The vpc CIDR block with association ID ${AssociationId} is in use`,
        );
      }
      vpc.CidrBlockAssociationSet = vpc.CidrBlockAssociationSet?.filter((each) => each !== found);
      for (const table of tablesOfVpc(call, vpc.VpcId!)) {
        table.Routes = table.Routes?.filter((route) => route.DestinationCidrBlock !== CidrBlock);
      }
      return {
        VpcId: vpc.VpcId,
        CidrBlockAssociation: { AssociationId, CidrBlock, CidrBlockState: { State: "disassociating" } },
      };
    },
  ),
};

function tablesOfVpc({ tables }: Call, vpcId: string) {
  return [...tables.routeTables.values()].filter((table) => table.VpcId === vpcId);
}

function holdsSubnets({ tables }: Call, vpcId: string, block: string): boolean {
  const outer = cidr(block);
  return [...tables.subnets.values()].some(
    (subnet) => subnet.VpcId === vpcId && contains(outer, cidr(subnet.CidrBlock!)),
  );
}
