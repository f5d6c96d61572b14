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
import { find, isParty } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { putTags, specifiedTags, tagList } from "../tags.ts";
import { lag, later } from "../transition.ts";
import { noPeeringOptions, peeringOptionsActions } from "./peering-options.ts";
import {
  endPeering,
  enter,
  expiresAfter,
  isDead,
  peeringWithCidrs,
  planForgetting,
  refuseTransition,
  stateOf,
} from "./peering-states.ts";

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-connection-quotas.html */
const mostOutstanding = 25;

const sidesOf = ({ RequesterVpcInfo, AccepterVpcInfo }: VpcPeeringConnection) =>
  [RequesterVpcInfo!, AccepterVpcInfo!] as const;

const isCallers = ({ account, region }: Call, side: VpcPeeringConnectionVpcInfo | undefined) =>
  side?.OwnerId === account && side.Region === region;

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

/** The accepter knows nothing of a request that has not reached it, nor of one that failed on the way. */
function isVisible(call: Call, peering: VpcPeeringConnection): boolean {
  if (!isParty(call, peering)) return false;
  if (isCallers(call, peering.RequesterVpcInfo)) return true;
  return !["initiating-request", "failed"].includes(stateOf(peering));
}

function findPeering(call: Call, id: string | undefined): VpcPeeringConnection {
  const peering = find(call, "peering", id);
  if (!isVisible(call, peering)) {
    throw new Ec2Error(
      "InvalidVpcPeeringConnectionID.NotFound",
      `The vpcPeeringConnection ID '${id}' does not exist`,
    );
  }
  return peering;
}

function refuseSecond(call: Call, ours: string, theirs: VpcPeeringConnectionVpcInfo): void {
  for (const peering of call.world.peerings.values()) {
    const ids = sidesOf(peering).map((side) => side.VpcId);
    if (isDead(peering) || stateOf(peering) === "deleting") continue;
    if (!ids.includes(ours) || !ids.includes(theirs.VpcId) || ours === theirs.VpcId) continue;
    throw new Ec2Error(
      "VpcPeeringConnectionAlreadyExists",
      `A VPC peering connection already exists between ${ours} and ${theirs.VpcId}: ${peering.VpcPeeringConnectionId}`,
    );
  }
}

function refuseTooManyRequests(call: Call, vpcId: string): void {
  const outstanding = [...call.world.peerings.values()].filter(
    (peering) =>
      peering.RequesterVpcInfo?.VpcId === vpcId &&
      ["initiating-request", "pending-acceptance"].includes(stateOf(peering)),
  );
  if (outstanding.length < mostOutstanding) return;
  throw new Ec2Error(
    "OutstandingVpcPeeringConnectionLimitExceeded",
    `You've reached the limit on the number of VPC peering connection requests that you can create for VPC ${vpcId}.`,
  );
}

function refuseTooManyActive(call: Call, peering: VpcPeeringConnection): void {
  for (const { VpcId } of sidesOf(peering)) {
    const active = [...call.world.peerings.values()].filter(
      (each) =>
        ["provisioning", "active"].includes(stateOf(each)) &&
        sidesOf(each).some((side) => side.VpcId === VpcId),
    );
    if (active.length < quota(call.world, "peeringsPerVpc")) continue;
    throw new Ec2Error(
      "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
      `You've reached the limit on the number of active VPC peering connections you can have for VPC ${VpcId}.`,
    );
  }
}

/** Accept and reject belong to the accepter: its account, its Region, and a request that waits for it. */
function findForAccepter(
  call: Call,
  id: string | undefined,
  verb: "accept" | "reject",
): VpcPeeringConnection {
  const peering = findPeering(call, id);
  const { OwnerId, Region } = peering.AccepterVpcInfo!;
  if (OwnerId !== call.account) {
    throw new Ec2Error("OperationNotPermitted", `User ${call.account} cannot ${verb} peering ${id}`);
  }
  if (Region !== call.region) {
    throw new Ec2Error(
      "OperationNotPermitted",
      `Incorrect region (${call.region}) specified for this request. VPC peering connection ${id} must be ${verb}ed in region ${Region}`,
    );
  }
  return peering;
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
