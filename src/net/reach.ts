import type { Address } from "./cidr.ts";
import { type NoAddress, resolveEnds } from "./endpoints.ts";
import { checkAcl, checkGroups, checkInstance } from "./filters.ts";
import { enterByGateway, leaveByGateway, publicAddress } from "./internet-gateway.ts";
import { passMiddlebox } from "./middlebox.ts";
import { type Eni, index, isSameInstance, type Network } from "./network.ts";
import { reply, request } from "./packet.ts";
import { crossPeering } from "./peering.ts";
import { deliver, followTable, leave } from "./routing.ts";
import type { Hop, Probe, Snapshot, Verdict } from "./types.ts";
import { newWalk, note, type Step, type Walk } from "./walk.ts";

/**
 * Whether the probe and its answer arrive, with everything passed on the way and everything that stops them. Give it
 * `index(snapshot)` where several probes are asked of one snapshot. Throws a RangeError for an interface that is not there,
 * an address that it does not have, a port that is none, and a question from the internet to the internet.
 *
 * What it does not know: firewalls inside instances, gateways other than internet gateways (told as "route-elsewhere"), and
 * what is outside AWS, which is taken to answer.
 */
export function reach(subject: Snapshot | Network, probe: Probe): Verdict {
  const network = "gatewayOfVpc" in subject ? subject : index(subject);
  const hops: Hop[] = [];
  const ends = resolveEnds(network, probe);
  if ("lacks" in ends) {
    hops.push(noAddress(ends));
  } else {
    const packet = request(probe, ends.source, ends.destination);
    const walk = newWalk(
      network,
      "forward",
      packet,
      { origin: ends.from, goal: ends.to },
      { hops, tracked: new Set() },
    );
    const arrived = goForward(walk);
    if (arrived) goBack(walk, probe, arrived, ends.source);
  }
  const blockers = hops.filter((hop, place) => !hop.pass && !isRepeat(hops, place));
  return { probe, reachable: blockers.length === 0, hops, blockers };
}

/** An interface, or "outside": beyond an internet gateway. */
type Arrival = Eni | "outside";

function goForward(walk: Walk): Arrival | undefined {
  const { origin, goal, packet } = walk;
  if (origin) {
    checkInstance(walk, origin);
    if (goal && staysInside(origin, goal, packet.destination)) return undefined;
    noteOwnInterface(walk, origin, "source");
    checkGroups(walk, origin, "egress");
    return go(walk, leave(walk, origin));
  }
  if (!goal) return undefined;
  const own = goal.addresses.find((each) => each.private.text === packet.destination.text);
  if (own && !publicAddress(own)) {
    const reason = `${own.private.text} has no public address, so it cannot be reached from the internet.`;
    note(walk, { kind: "interface", id: goal.id, pass: false, reason, code: "no-public-address" });
  }
  return go(walk, { to: "gateway-in", eni: goal });
}

/** An instance answers itself, at whichever of its interfaces has the address: no rule of AWS's sees the packet. */
function staysInside(origin: Eni, goal: Eni, destination: Address): boolean {
  return isSameInstance(origin, goal) && goal.addresses.some((own) => own.private.text === destination.text);
}

/** The answer, from where the probe came to: with the addresses that the receiver saw, so maybe by another way. */
function goBack(forward: Walk, probe: Probe, arrived: Arrival, asked: Address | undefined): void {
  const { network, origin } = forward;
  const { source, destination } = forward.packet;
  if (arrived !== "outside") {
    // Nobody can answer a packet whose source was never translated.
    if (!source) return;
    const packet = reply(probe, destination, source);
    const walk = newWalk(network, "return", packet, { origin: arrived, goal: origin }, forward);
    checkGroups(walk, arrived, "egress");
    go(walk, leave(walk, arrived));
  } else if (origin && asked) {
    const packet = reply(probe, destination, source ?? asked);
    go(newWalk(network, "return", packet, { goal: origin }, forward), { to: "gateway-in", eni: origin });
  }
}

function go(walk: Walk, first: Step): Arrival | undefined {
  let step = first;
  for (;;) {
    switch (step.to) {
      case "table":
        step = followTable(walk, step.table, step.vpc);
        break;
      case "vpc":
        step = deliver(walk, step.vpc);
        break;
      case "peering":
        step = crossPeering(walk, step.id, step.vpc);
        break;
      case "gateway-out":
        step = leaveByGateway(walk, step.vpc, step.id);
        break;
      case "gateway-in":
        step = enterByGateway(walk, step.eni);
        break;
      case "middlebox":
        step = passMiddlebox(walk, step.id, step.vpc);
        break;
      case "interface":
        arrive(walk, step.eni);
        return step.eni;
      case "instance":
        return step.eni;
      case "internet":
        return "outside";
      case "nowhere":
        return undefined;
    }
  }
}

function arrive(walk: Walk, eni: Eni): void {
  if (!walk.inside) checkAcl(walk, eni, "ingress");
  checkGroups(walk, eni, "ingress");
  noteOwnInterface(walk, eni, "destination");
  if (walk.leg === "forward") checkInstance(walk, eni);
}

/** The source/destination check has nothing against packets from or to the interface's own addresses. */
function noteOwnInterface(walk: Walk, eni: Eni, end: "source" | "destination"): void {
  const reason = `The packet's ${end} is an address of the network interface, as the source/destination check wants.`;
  note(walk, { kind: "interface", id: eni.id, pass: true, reason });
}

function noAddress({ lacks, family, other }: NoAddress): Hop {
  const reason = `The network interface has no IPv${family} address, and the other end has ${other.text}.`;
  const { text: destination } = other;
  return {
    leg: "forward",
    kind: "interface",
    id: lacks.id,
    destination,
    pass: false,
    reason,
    code: "address-unknown",
  };
}

/** Whether an earlier hop is the same thing with the same fault, met again on the way in or back. */
function isRepeat(hops: readonly Hop[], place: number): boolean {
  const hop = hops[place];
  if (!hop || !["peering", "internet-gateway", "interface", "instance", "vpc"].includes(hop.kind))
    return false;
  return hops.slice(0, place).some((earlier) => {
    const same = earlier.kind === hop.kind && earlier.id === hop.id && earlier.code === hop.code;
    return same && (hop.code !== "address-unknown" || earlier.destination === hop.destination);
  });
}
