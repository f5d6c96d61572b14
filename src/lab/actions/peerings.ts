import {
  AcceptVpcPeeringConnection$,
  type AcceptVpcPeeringConnectionRequest,
  CreateVpcPeeringConnection$,
  type CreateVpcPeeringConnectionRequest,
  DeleteVpcPeeringConnection$,
  type DeleteVpcPeeringConnectionRequest,
  DescribeVpcPeeringConnections$,
  type DescribeVpcPeeringConnectionsRequest,
  RejectVpcPeeringConnection$,
  type VpcPeeringConnection,
  type VpcPeeringConnectionVpcInfo,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { select } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag, later } from "../transition.ts";
import { noPeeringOptions, peeringOptionsActions } from "./peering-options.ts";
import {
  findForAccepter,
  findPeering,
  isCallers,
  isVisible,
  refuseSecond,
  refuseTooManyActive,
  refuseTooManyRequests,
} from "./peering-rules.ts";
import {
  endPeering,
  enter,
  expiresAfter,
  peeringWithCidrs,
  planForgetting,
  refuseTransition,
  stateOf,
} from "./peering-states.ts";

/** The peering as the caller sees it: its own tags, and the options of the sides that are its own. */
function shown(call: Call, peering: VpcPeeringConnection): VpcPeeringConnection {
  const whole = peeringWithCidrs(call.world, peering);
  const side = (info: VpcPeeringConnectionVpcInfo) => {
    const { PeeringOptions, ...rest } = info;
    return info.OwnerId === call.account && PeeringOptions ? { ...rest, PeeringOptions } : rest;
  };
  return {
    ...whole,
    RequesterVpcInfo: side(whole.RequesterVpcInfo!),
    AccepterVpcInfo: side(whole.AccepterVpcInfo!),
    Tags: tagList(call, peering.VpcPeeringConnectionId!),
  };
}

export const peeringActions: Actions = {
  ...peeringOptionsActions,

  CreateVpcPeeringConnection: changes(
    CreateVpcPeeringConnection$,
    (input: CreateVpcPeeringConnectionRequest, call) => {
      const { world, account, region } = call;
      const vpc = find(call, "vpc", input.VpcId);
      if (input.PeerVpcId === undefined) {
        throw new Ec2Error("MissingParameter", "The request must contain the parameter peerVpcId");
      }
      const accepter = {
        OwnerId: input.PeerOwnerId ?? account,
        VpcId: input.PeerVpcId,
        Region: input.PeerRegion ?? region,
      };
      // Only here can EC2 tell at once that there is no such VPC; elsewhere the request fails on its way.
      if (isCallers(call, accepter)) find(call, "vpc", accepter.VpcId);
      refuseSecond(call, vpc.VpcId!, accepter);
      refuseTooManyRequests(call, vpc.VpcId!);
      const tags = specifiedTags(input.TagSpecifications, "peering");
      const id = world.ids.make("pcx");
      const peering: VpcPeeringConnection = {
        VpcPeeringConnectionId: id,
        RequesterVpcInfo: {
          OwnerId: account,
          VpcId: vpc.VpcId,
          Region: region,
          PeeringOptions: noPeeringOptions,
        },
        AccepterVpcInfo: accepter,
        ExpirationTime: new Date(world.now + expiresAfter),
      };
      enter(peering, "initiating-request", accepter.OwnerId);
      putTags(call, id, tags);
      world.peerings.set(id, peering);
      lag(call, id);
      later(call, { kind: "peering", id, to: "pending-acceptance", while: "peering:initiating-request" });
      return { VpcPeeringConnection: shown(call, peering) };
    },
  ),

  AcceptVpcPeeringConnection: changes(
    AcceptVpcPeeringConnection$,
    (input: AcceptVpcPeeringConnectionRequest, call) => {
      const peering = findForAccepter(call, input.VpcPeeringConnectionId, "accept");
      refuseTransition(peering, "provisioning");
      refuseTooManyActive(call, peering);
      enter(peering, "provisioning");
      peering.AccepterVpcInfo = { ...peering.AccepterVpcInfo, PeeringOptions: noPeeringOptions };
      const id = peering.VpcPeeringConnectionId!;
      later(call, { kind: "peering", id, to: "active", while: "peering:provisioning" });
      return { VpcPeeringConnection: shown(call, peering) };
    },
  ),

  RejectVpcPeeringConnection: changes(
    RejectVpcPeeringConnection$,
    (input: AcceptVpcPeeringConnectionRequest, call) => {
      const peering = findForAccepter(call, input.VpcPeeringConnectionId, "reject");
      refuseTransition(peering, "rejected");
      enter(peering, "rejected", call.account);
      planForgetting(call, peering);
      return { Return: true };
    },
  ),

  DeleteVpcPeeringConnection: changes(
    DeleteVpcPeeringConnection$,
    (input: DeleteVpcPeeringConnectionRequest, call) => {
      const peering = findPeering(call, input.VpcPeeringConnectionId);
      const id = peering.VpcPeeringConnectionId!;
      refuseTransition(peering, "deleting", "deleted");
      if (stateOf(peering) === "pending-acceptance" && !isCallers(call, peering.RequesterVpcInfo)) {
        throw new Ec2Error("OperationNotPermitted", `User ${call.account} cannot delete peering ${id}`);
      }
      if (["initiating-request", "pending-acceptance"].includes(stateOf(peering))) {
        endPeering(call, peering);
      } else {
        enter(peering, "deleting", call.account);
        later(call, { kind: "peering", id, to: "deleted", while: "peering:deleting" });
      }
      return { Return: true };
    },
  ),

  DescribeVpcPeeringConnections: reads(
    DescribeVpcPeeringConnections$,
    (input: DescribeVpcPeeringConnectionsRequest, call) => {
      const own = [...call.world.peerings].filter(([, peering]) => isVisible(call, peering));
      const { rows, nextToken } = select(
        call,
        "peering",
        new Map(own.map(([id, peering]) => [id, shown(call, peering)])),
        {
          ids: input.VpcPeeringConnectionIds,
          filters: input.Filters,
          maxResults: input.MaxResults,
          nextToken: input.NextToken,
        },
        {
          "accepter-vpc-info.cidr-block": (row) =>
            row.AccepterVpcInfo?.CidrBlockSet?.map((each) => each.CidrBlock),
          "accepter-vpc-info.owner-id": (row) => row.AccepterVpcInfo?.OwnerId,
          "accepter-vpc-info.vpc-id": (row) => row.AccepterVpcInfo?.VpcId,
          "expiration-time": (row) => row.ExpirationTime?.toISOString(),
          "requester-vpc-info.cidr-block": (row) =>
            row.RequesterVpcInfo?.CidrBlockSet?.map((each) => each.CidrBlock),
          "requester-vpc-info.owner-id": (row) => row.RequesterVpcInfo?.OwnerId,
          "requester-vpc-info.vpc-id": (row) => row.RequesterVpcInfo?.VpcId,
          "status-code": (row) => row.Status?.Code,
          "status-message": (row) => row.Status?.Message,
          "vpc-peering-connection-id": (row) => row.VpcPeeringConnectionId,
        },
      );
      return { VpcPeeringConnections: rows.map(([, row]) => row), NextToken: nextToken };
    },
  ),
};
