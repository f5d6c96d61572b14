import { type Address, cidr, contains } from "./cidr.ts";
import type { Eni, Network, VpcNode } from "./network.ts";
import type { Packet } from "./packet.ts";
import { isDead } from "./peering-status.ts";
import type { Table } from "./routes.ts";
import type { Hop, Peering } from "./types.ts";

/** One leg under way. What a hop changes of the packet (its addresses, at a gateway) later hops see. */
export interface Walk {
  network: Network;
  leg: "forward" | "return";
  hops: Hop[];
  packet: Packet;
  /** The interface that sent the packet; none for one from the internet. */
  origin?: Eni;
  /** The interface that it is meant for, where the snapshot has it: where a blocked leg is looked at further. */
  goal?: Eni;
  /** The interface that it left last: the origin, or a middlebox. None when it came in by an internet gateway. */
  at?: Eni;
  /** It stays within the subnet of `at`. */
  inside: boolean;
  /** No gateway or middlebox has handled it: only then do rules that name a security group apply. */
  direct: boolean;
  middleboxes: Eni[];
  /** Interfaces whose security groups have seen the forward leg, so that the reply is tracked. Shared by both legs. */
  tracked: Set<Eni>;
}

/** Where the packet is next. Each kind of place has one function that decides there and names the next place. */
export type Step =
  | { to: "table"; table: Table; vpc: VpcNode }
  | { to: "vpc"; vpc: VpcNode }
  | { to: "peering"; id: string; vpc: VpcNode }
  | { to: "gateway-out"; id?: string; vpc: VpcNode }
  | { to: "gateway-in"; eni: Eni }
  | { to: "middlebox"; id: string; vpc: VpcNode }
  | { to: "interface"; eni: Eni }
  /** It has the packet already, by another of its interfaces. */
  | { to: "instance"; eni: Eni }
  | { to: "internet" }
  | { to: "nowhere" };

/** Writes down what one thing on the way decided. Member by member: a spread here costs a third of all tracing. */
export function note(walk: Walk, found: Omit<Hop, "leg" | "source" | "destination">): void {
  walk.hops.push({
    leg: walk.leg,
    kind: found.kind,
    id: found.id,
    source: walk.packet.source?.text,
    destination: walk.packet.destination.text,
    direction: found.direction,
    pass: found.pass,
    rule: found.rule,
    reason: found.reason,
    code: found.code,
    wanted: found.wanted,
  });
}

/** A leg that is about to set out. */
export function newWalk(
  network: Network,
  leg: Walk["leg"],
  packet: Packet,
  ends: Pick<Walk, "origin" | "goal">,
  shared: Pick<Walk, "hops" | "tracked">,
): Walk {
  return {
    network,
    leg,
    hops: shared.hops,
    packet,
    origin: ends.origin,
    goal: ends.goal,
    at: undefined,
    inside: false,
    direct: true,
    middleboxes: [],
    tracked: shared.tracked,
  };
}

/** Past a blocker: the rest is judged in front of the interface that the packet was meant for. */
export function atGoal(walk: Walk): Step {
  return walk.goal ? { to: "interface", eni: walk.goal } : { to: "nowhere" };
}

/** Whether the packet's destination is a private address of the goal (an IPv6 address counts: nothing translates it). */
export function meansGoalItself({ goal, packet }: Walk): boolean {
  return goal !== undefined && goal.vpc.interfaces.get(packet.destination.text) === goal;
}

/** The best peering between the two VPCs that is or may become active. */
export function livingPeering(a: VpcNode, b: VpcNode): Peering | undefined {
  const best = a.peers.get(b.id)?.[0];
  return best && !isDead(best) ? best : undefined;
}

/** Whether the internet does not route the address: a packet to it that reaches an internet gateway is lost. */
export function isInternal(destination: Address): boolean {
  return internalBlocks.some((block) => contains(block, destination));
}

/**
 * Blocks that the internet does not route.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and, for IPv6, unique local and link-local addresses.
 */
export const internalBlocks = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "127.0.0.0/8",
  "fc00::/7",
  "fe80::/10",
  "::1/128",
].map(cidr);
