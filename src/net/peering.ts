import { type Block, cidr, contains, overlaps } from "./cidr.ts";
import type { VpcNode } from "./network.ts";
import type { Peering, PeeringSide } from "./types.ts";
import { atGoal, livingPeering, meansGoalItself, note, type Step, type Walk } from "./walk.ts";

/**
 * Across a peering: it must be active, and it carries only packets between addresses of its own two VPCs.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
 */
export function crossPeering(walk: Walk, id: string, vpc: VpcNode): Step {
  const { network, packet } = walk;
  const peering = network.peerings.get(id);
  if (!peering) {
    const reason = "There is no such VPC peering connection.";
    note(walk, { kind: "peering", id, pass: false, reason, code: "peering-not-active" });
    return atGoal(walk);
  }
  if (peering.requester.vpc !== vpc.id && peering.accepter.vpc !== vpc.id) {
    return refuse(walk, peering, vpc, `${id} is not a peering of ${vpc.id}`);
  }
  const far = peering.requester.vpc === vpc.id ? peering.accepter : peering.requester;
  const farBlocks = blocksOf(network.vpcs.get(far.vpc), far);
  const active = peering.status === "active";
  if (!active) noteInactive(walk, peering, vpc, network.vpcs.get(far.vpc));
  const { source, destination } = packet;
  const owns = (blocks: readonly Block[], address = destination) =>
    blocks.length === 0 || blocks.some((block) => contains(block, address));
  if (!owns(farBlocks)) {
    return refuse(walk, peering, vpc, `${destination.text} is not in a CIDR block of ${far.vpc}`);
  }
  if (source && !owns(vpc.blocks, source)) {
    return refuse(walk, peering, vpc, `${source.text} is not in a CIDR block of ${vpc.id}`);
  }
  if (active) {
    const reason = `The VPC peering connection is active and carries traffic between ${vpc.id} and ${far.vpc}.`;
    note(walk, { kind: "peering", id, pass: true, rule: describePeering(peering), reason });
  }
  const farVpc = network.vpcs.get(far.vpc);
  if (farVpc) return { to: "vpc", vpc: farVpc };
  const reason = `The tables of ${far.vpc} (account ${far.account}, ${far.region}) are not at hand.`;
  note(walk, { kind: "vpc", id: far.vpc, pass: false, reason, code: "address-unknown" });
  return { to: "nowhere" };
}

/**
 * For a packet that found no way to `far`: says whether a peering is there to use. An active one is no blocker (the route
 * is); one that waits is, and so is its lack, which is told of the VPC that should be peered with.
 */
export function reportMissingPeering(walk: Walk, vpc: VpcNode, far: VpcNode): void {
  const best = vpc.peers.get(far.id)?.[0];
  if (best?.status === "active") return;
  if (best) {
    noteInactive(walk, best, vpc, far);
    return;
  }
  const reason = `There is no VPC peering connection between ${vpc.id} and ${far.id}.${overlapText(vpc, far)}`;
  note(walk, { kind: "vpc", id: far.id, pass: false, reason, code: "peering-not-active" });
}

/** The route names a peering that cannot carry this packet: another VPC's, or one on the way to somewhere else. */
function refuse(walk: Walk, peering: Peering, vpc: VpcNode, why: string): Step {
  const { goal } = walk;
  const living = goal && meansGoalItself(walk) ? livingPeering(vpc, goal.vpc) : undefined;
  note(walk, {
    kind: "peering",
    id: peering.id,
    pass: false,
    rule: describePeering(peering),
    reason: `${why}: VPC peering does not support transitive or edge to edge routing.`,
    code: "peering-not-transitive",
    ...(living && { wanted: living.id }),
  });
  if (living && living.status !== "active") noteInactive(walk, living, vpc, goal?.vpc);
  return atGoal(walk);
}

function noteInactive(walk: Walk, peering: Peering, vpc: VpcNode, far: VpcNode | undefined): void {
  const why = peering.status === "failed" && far ? overlapText(vpc, far) : "";
  const reason = `The VPC peering connection is ${peering.status}; traffic flows only while it is active.${why}`;
  note(walk, {
    kind: "peering",
    id: peering.id,
    pass: false,
    rule: describePeering(peering),
    reason,
    code: "peering-not-active",
  });
}

function overlapText(vpc: VpcNode, far: VpcNode): string {
  const pair = vpc.blocks.find((a) => far.blocks.some((b) => overlaps(a, b)));
  return pair ? ` Their CIDR blocks overlap (${pair.text}), and such VPCs cannot be peered.` : "";
}

function describePeering({ status, requester, accepter }: Peering): string {
  return `${requester.vpc} -> ${accepter.vpc} (${status})`;
}

/** The VPC's own blocks where its tables are at hand; else what the peering says, which is nothing unless it is active. */
function blocksOf(vpc: VpcNode | undefined, side: PeeringSide): Block[] {
  return vpc ? vpc.blocks : side.cidrs.map(cidr);
}
