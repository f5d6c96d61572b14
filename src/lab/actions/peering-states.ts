import type { Vpc, VpcPeeringConnection, VpcPeeringConnectionVpcInfo } from "@aws-sdk/client-ec2";
import { cidr, overlaps } from "../../net/cidr.ts";
import { Ec2Error } from "../error.ts";
import { type Arrival, later, type Owner } from "../transition.ts";
import type { Tables, World } from "../world.ts";

/** A request that nobody accepts expires after a week. */
export const expiresAfter = 7 * 24 * 3_600_000;

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle */
export type PeeringState =
  | "initiating-request"
  | "pending-acceptance"
  | "failed"
  | "expired"
  | "rejected"
  | "provisioning"
  | "active"
  | "deleting"
  | "deleted";

const next: Readonly<Record<PeeringState, readonly PeeringState[]>> = {
  "initiating-request": ["pending-acceptance", "failed", "deleted"],
  "pending-acceptance": ["provisioning", "rejected", "expired", "deleted"],
  provisioning: ["active", "deleting"],
  active: ["deleting", "deleted"],
  deleting: ["deleted"],
  failed: [],
  expired: [],
  rejected: [],
  deleted: [],
};

export const stateOf = (peering: VpcPeeringConnection) => peering.Status?.Code as PeeringState;

export const isDead = (peering: VpcPeeringConnection) =>
  ["failed", "expired", "rejected", "deleted"].includes(stateOf(peering));

/** `by` is the account that EC2 names in the status message. */
export function enter(peering: VpcPeeringConnection, state: PeeringState, by?: string): void {
  const messages: Readonly<Record<PeeringState, string>> = {
    "initiating-request": `Initiating Request to ${by}`,
    "pending-acceptance": `Pending Acceptance by ${by}`,
    failed: "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range",
    expired: "Expired",
    rejected: `Rejected by ${by}`,
    provisioning: "Provisioning",
    active: "Active",
    deleting: `Deleting by ${by}`,
    deleted: `Deleted by ${by}`,
  };
  peering.Status = { Code: state, Message: messages[state] };
  if (state !== "pending-acceptance" && state !== "initiating-request") delete peering.ExpirationTime;
}

export function refuseTransition(peering: VpcPeeringConnection, ...to: PeeringState[]): void {
  const from = stateOf(peering);
  if (to.some((state) => next[from].includes(state))) return;
  throw new Ec2Error(
    "InvalidStateTransition",
    `Invalid state transition for ${peering.VpcPeeringConnectionId}, attempted to transition from ${from} to ${to[0]}`,
  );
}

/** The tables of the account and Region that a side is in, where anything was ever made there. */
const tablesOfSide = (world: World, side: VpcPeeringConnectionVpcInfo | undefined): Tables | undefined =>
  world.tables.get(`${side?.OwnerId}/${side?.Region}`);

const vpcOfSide = (world: World, side: VpcPeeringConnectionVpcInfo | undefined): Vpc | undefined =>
  tablesOfSide(world, side)?.vpcs.get(side?.VpcId ?? "");

/** The VPC's associated IPv4 blocks, the primary one first. */
function blocksOf(vpc: Vpc): string[] {
  const associated = (vpc.CidrBlockAssociationSet ?? [])
    .filter((each) => each.CidrBlockState?.State === "associated")
    .map((each) => each.CidrBlock!);
  return [...new Set([vpc.CidrBlock!, ...associated])];
}

function withCidrs(world: World, side: VpcPeeringConnectionVpcInfo): VpcPeeringConnectionVpcInfo {
  const vpc = vpcOfSide(world, side);
  if (!vpc) return side;
  return {
    ...side,
    CidrBlock: vpc.CidrBlock,
    CidrBlockSet: blocksOf(vpc).map((CidrBlock) => ({ CidrBlock })),
  };
}

/**
 * A peering with its sides' CIDR blocks as of now; rows of `World.peerings` have none. The requester's are shown while the
 * peering lives, the accepter's once it has been accepted. Without Tags.
 */
export function peeringWithCidrs(world: World, peering: VpcPeeringConnection): VpcPeeringConnection {
  const state = stateOf(peering);
  const accepted = state === "provisioning" || state === "active";
  const lives = accepted || state === "initiating-request" || state === "pending-acceptance";
  const { RequesterVpcInfo, AccepterVpcInfo } = peering;
  return {
    ...peering,
    RequesterVpcInfo: lives ? withCidrs(world, RequesterVpcInfo!) : RequesterVpcInfo,
    AccepterVpcInfo: accepted ? withCidrs(world, AccepterVpcInfo!) : AccepterVpcInfo,
  };
}

/** Whether EC2 can make the request reach its accepter: the VPC is there and no IPv4 block of the two overlaps. */
function isPossible(world: World, { RequesterVpcInfo, AccepterVpcInfo }: VpcPeeringConnection): boolean {
  const [requester, accepter] = [vpcOfSide(world, RequesterVpcInfo), vpcOfSide(world, AccepterVpcInfo)];
  if (!requester || !accepter) return false;
  const theirs = blocksOf(accepter).map(cidr);
  return !blocksOf(requester).some((block) => theirs.some((other) => overlaps(cidr(block), other)));
}

/** A dead peering stays visible for a while. */
export function planForgetting(of: Owner, peering: VpcPeeringConnection): void {
  later(of, { kind: "forget", id: peering.VpcPeeringConnectionId!, to: "", while: "peering:dead" });
}

/** Ends a living peering at once, e.g. because one of its VPCs is deleted. Its routes turn into blackholes. */
export function endPeering(of: Owner, peering: VpcPeeringConnection): void {
  enter(peering, "deleted", of.account);
  planForgetting(of, peering);
}

/** What time does to a peering; nothing, where somebody has already sent it another way. */
export const peeringArrival: Arrival = (world, transition) => {
  const peering = world.peerings.get(transition.id);
  const to = transition.to as PeeringState;
  if (!peering || !next[stateOf(peering)].includes(to)) return;
  if (to === "pending-acceptance" && !isPossible(world, peering)) {
    enter(peering, "failed");
  } else if (to === "pending-acceptance") {
    enter(peering, to, peering.AccepterVpcInfo?.OwnerId);
    const at = peering.ExpirationTime!.getTime();
    world.due.push({ ...transition, at, to: "expired" });
  } else {
    enter(peering, to, transition.account);
  }
  if (isDead(peering))
    planForgetting({ world, account: transition.account, region: transition.region }, peering);
};
