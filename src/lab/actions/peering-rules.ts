import type { VpcPeeringConnection, VpcPeeringConnectionVpcInfo } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find, isParty } from "../kinds.ts";
import { quota } from "../quotas.ts";
import { isDead, stateOf } from "./peering-states.ts";

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-connection-quotas.html */
const mostOutstanding = 25;

const sidesOf = ({ RequesterVpcInfo, AccepterVpcInfo }: VpcPeeringConnection) =>
  [RequesterVpcInfo!, AccepterVpcInfo!] as const;

/** Whether a side is the caller's: its account, and this Region. */
export const isCallers = ({ account, region }: Call, side: VpcPeeringConnectionVpcInfo | undefined) =>
  side?.OwnerId === account && side.Region === region;

/** The accepter knows nothing of a request that has not reached it, nor of one that failed on the way. */
export function isVisible(call: Call, peering: VpcPeeringConnection): boolean {
  if (!isParty(call, peering)) return false;
  if (isCallers(call, peering.RequesterVpcInfo)) return true;
  return !["initiating-request", "failed"].includes(stateOf(peering));
}

/** The peering with that id, as far as the caller may know of it. */
export function findPeering(call: Call, id: string | undefined): VpcPeeringConnection {
  const peering = find(call, "peering", id);
  if (!isVisible(call, peering)) {
    throw new Ec2Error(
      "InvalidVpcPeeringConnectionID.NotFound",
      `The vpcPeeringConnection ID '${id}' does not exist`,
    );
  }
  return peering;
}

/** Two VPCs have one peering at most that lives or may come to life. */
export function refuseSecond(call: Call, ours: string, theirs: VpcPeeringConnectionVpcInfo): void {
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

export function refuseTooManyRequests(call: Call, vpcId: string): void {
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

export function refuseTooManyActive(call: Call, peering: VpcPeeringConnection): void {
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
export function findForAccepter(
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
