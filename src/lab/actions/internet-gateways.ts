import {
  AttachInternetGateway$,
  type AttachInternetGatewayRequest,
  CreateInternetGateway$,
  type CreateInternetGatewayRequest,
  DeleteInternetGateway$,
  type DeleteInternetGatewayRequest,
  DescribeInternetGateways$,
  type DescribeInternetGatewaysRequest,
  DetachInternetGateway$,
  type DetachInternetGatewayRequest,
  type InternetGateway,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { type FilterFields, select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag } from "../transition.ts";
import type { Tables } from "../world.ts";
import { attached } from "./new-vpc.ts";
import { dependencyViolation } from "./parameters.ts";

const filters: FilterFields<InternetGateway> = {
  "attachment.state": (gateway) => gateway.Attachments?.map((each) => each.State),
  "attachment.vpc-id": (gateway) => gateway.Attachments?.map((each) => each.VpcId),
  "internet-gateway-id": (gateway) => gateway.InternetGatewayId,
  "owner-id": (gateway) => gateway.OwnerId,
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html */
export const internetGatewayActions: Actions = {
  CreateInternetGateway: changes(CreateInternetGateway$, (input: CreateInternetGatewayRequest, call) => {
    const { tables, world, account } = call;
    const tags = specifiedTags(input.TagSpecifications, "internetGateway");
    if (tables.internetGateways.size >= quota(world, "internetGateways")) {
      throw new Ec2Error(
        "InternetGatewayLimitExceeded",
        "The maximum number of internet gateways has been reached.",
      );
    }
    const InternetGatewayId = world.ids.make("igw");
    const gateway: InternetGateway = { InternetGatewayId, OwnerId: account, Attachments: [] };
    tables.internetGateways.set(InternetGatewayId, gateway);
    putTags(call, InternetGatewayId, tags);
    lag(call, InternetGatewayId);
    return { InternetGateway: shown(call, gateway) };
  }),

  AttachInternetGateway: changes(AttachInternetGateway$, (input: AttachInternetGatewayRequest, call) => {
    const gateway = find(call, "internetGateway", input.InternetGatewayId);
    const vpcId = find(call, "vpc", input.VpcId).VpcId!;
    const [attachment] = gateway.Attachments ?? [];
    if (attachment) {
      throw new Ec2Error(
        "Resource.AlreadyAssociated",
        `resource ${gateway.InternetGatewayId} is already attached to network ${attachment.VpcId}`,
      );
    }
    if (gatewayOf(call.tables, vpcId)) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `Network ${vpcId} already has an internet gateway attached`,
      );
    }
    gateway.Attachments = [attached(vpcId)];
  }),

  DetachInternetGateway: changes(DetachInternetGateway$, (input: DetachInternetGatewayRequest, call) => {
    const gateway = find(call, "internetGateway", input.InternetGatewayId);
    const vpcId = find(call, "vpc", input.VpcId).VpcId!;
    if (!gateway.Attachments?.some((each) => each.VpcId === vpcId)) {
      throw new Ec2Error(
        "Gateway.NotAttached",
        `resource ${gateway.InternetGatewayId} is not attached to network ${vpcId}`,
      );
    }
    if (hasPublicAddresses(call.tables, vpcId)) {
      throw new Ec2Error(
        "DependencyViolation",
        `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
    }
    gateway.Attachments = [];
  }),

  DeleteInternetGateway: changes(DeleteInternetGateway$, (input: DeleteInternetGatewayRequest, call) => {
    const gateway = find(call, "internetGateway", input.InternetGatewayId);
    const id = gateway.InternetGatewayId!;
    if (gateway.Attachments?.length) throw dependencyViolation("internetGateway", id);
    call.tables.internetGateways.delete(id);
    call.tables.tags.delete(id);
  }),

  DescribeInternetGateways: reads(
    DescribeInternetGateways$,
    (input: DescribeInternetGatewaysRequest, call) => {
      const { rows, nextToken } = select(
        call,
        "internetGateway",
        call.tables.internetGateways,
        {
          ids: input.InternetGatewayIds,
          filters: input.Filters,
          maxResults: input.MaxResults,
          nextToken: input.NextToken,
        },
        filters,
      );
      return { InternetGateways: rows.map(([, gateway]) => shown(call, gateway)), NextToken: nextToken };
    },
  ),
};

/** The gateway that is attached to the VPC, if any. */
function gatewayOf(tables: Tables, vpcId: string): InternetGateway | undefined {
  return [...tables.internetGateways.values()].find((gateway) =>
    gateway.Attachments?.some((each) => each.VpcId === vpcId),
  );
}

function hasPublicAddresses(tables: Tables, vpcId: string): boolean {
  return [...tables.networkInterfaces.values()].some(
    (each) =>
      each.VpcId === vpcId &&
      (each.Association?.PublicIp !== undefined ||
        each.PrivateIpAddresses?.some((address) => address.Association?.PublicIp !== undefined)),
  );
}

function shown(call: Call, gateway: InternetGateway): InternetGateway {
  return { ...gateway, Tags: tagList(call, gateway.InternetGatewayId!) };
}
