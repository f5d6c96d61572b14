import { contains } from "./cidr.ts";
import { checkAcl } from "./filters.ts";
import type { Eni, VpcNode } from "./network.ts";
import { reportMissingPeering } from "./peering.ts";
import { matchRoute, type Table, type TableRoute } from "./routes.ts";
import type { BlockerCode } from "./types.ts";
import { atGoal, isInternal, livingPeering, meansGoalItself, note, type Step, type Walk } from "./walk.ts";

/** From an interface to its subnet's router. Traffic within the subnet meets neither network ACL nor custom routes. */
export function leave(walk: Walk, eni: Eni): Step {
  const { network, packet } = walk;
  const { table } = eni.subnet;
  walk.at = eni;
  walk.inside = eni.subnet.blocks.some((block) => contains(block, packet.destination));
  if (walk.inside) {
    const local = table.routes.find(
      ({ route, block }) => route.target.kind === "local" && contains(block, packet.destination),
    );
    if (local) noteRoute(walk, table, local);
    return { to: "vpc", vpc: eni.vpc };
  }
  const target = matchRoute(table, packet.destination)?.route.target;
  const neighbour = target?.kind === "interface" ? network.interfaces.get(target.id) : undefined;
  if (neighbour?.subnet !== eni.subnet) checkAcl(walk, eni, "egress");
  return { to: "table", table, vpc: eni.vpc };
}

/** The route that the packet takes, and where it leads. */
export function followTable(walk: Walk, table: Table, vpc: VpcNode): Step {
  const { network, packet } = walk;
  const found = matchRoute(table, packet.destination);
  const blocked = (code: BlockerCode, reason: string) => {
    const wanted = code === "route-elsewhere" ? undefined : wantedTarget(walk, vpc);
    note(walk, { kind: "route-table", id: table.id, pass: false, rule: found?.text, reason, code, wanted });
  };
  if (!found) {
    blocked("no-route", `The route table (${which(table)}) has no route for ${packet.destination.text}.`);
    return intended(walk, vpc);
  }
  const { target, state } = found.route;
  if (state === "blackhole") {
    blocked("route-blackhole", "The state of the route is blackhole: its target is gone or not usable.");
    return intended(walk, vpc);
  }
  switch (target.kind) {
    case "local":
      noteRoute(walk, table, found);
      return { to: "vpc", vpc };
    case "peering":
      noteRoute(walk, table, found);
      return { to: "peering", id: target.id, vpc };
    case "interface":
      noteRoute(walk, table, found);
      return { to: "middlebox", id: target.id, vpc };
    case "internet-gateway": {
      const isPublic = network.publicAddresses.has(packet.destination.text);
      if (!isPublic && (isInternal(packet.destination) || meansGoalItself(walk))) {
        const why = isInternal(packet.destination)
          ? "which carries no private addresses"
          : "and so to whoever has this address on the internet";
        const reason = `The only route for ${packet.destination.text} leads to the internet gateway, ${why}.`;
        blocked("no-route", reason);
        return intended(walk, vpc);
      }
      noteRoute(walk, table, found);
      return { to: "gateway-out", id: target.id, vpc };
    }
    case "other": {
      const reason = `The route leads to ${target.id}, which peerctl does not look into: it cannot tell what happens there.`;
      blocked("route-elsewhere", reason);
      return meansGoalItself(walk) ? atGoal(walk) : { to: "nowhere" };
    }
  }
}

/** Inside a VPC: the interface with the packet's address. */
export function deliver(walk: Walk, vpc: VpcNode): Step {
  const { packet, goal } = walk;
  const found = vpc.interfaces.get(packet.destination.text);
  if (found && (!goal || found === goal)) return { to: "interface", eni: found };
  const here = found
    ? `In this VPC ${packet.destination.text} belongs to ${found.id}.`
    : `No network interface in this VPC has the address ${packet.destination.text}.`;
  const there =
    goal && goal.vpc !== vpc
      ? ` The packet is meant for ${goal.id} in ${goal.vpc.id}, whose CIDR block overlaps with this VPC's.`
      : "";
  const reason = here + there;
  note(walk, { kind: "vpc", id: vpc.id, pass: false, reason, code: "address-unknown" });
  return atGoal(walk);
}

/** Where the packet should have gone from `vpc`, so that what else would stop it there is found too. */
function intended(walk: Walk, vpc: VpcNode): Step {
  const { goal, packet } = walk;
  if (vpc.blocks.some((block) => contains(block, packet.destination))) return { to: "vpc", vpc };
  if (goal && meansToPeer(walk, vpc)) {
    reportMissingPeering(walk, vpc, goal.vpc);
    return { to: "interface", eni: goal };
  }
  return isInternal(packet.destination) ? { to: "nowhere" } : { to: "gateway-out", vpc };
}

/** An IPv6 address of another VPC may be meant over the internet too: only a living peering makes it the peer's. */
function meansToPeer(walk: Walk, vpc: VpcNode): boolean {
  const { goal, packet } = walk;
  if (!goal || goal.vpc === vpc || !meansGoalItself(walk)) return false;
  if (packet.destination.family === 4 || isInternal(packet.destination)) return true;
  return livingPeering(vpc, goal.vpc) !== undefined;
}

/** What a right route would name as its target. */
function wantedTarget(walk: Walk, vpc: VpcNode): string | undefined {
  const { goal, network, packet } = walk;
  if (goal && meansToPeer(walk, vpc)) return livingPeering(vpc, goal.vpc)?.id;
  return isInternal(packet.destination) ? undefined : network.gatewayOfVpc.get(vpc.id)?.id;
}

function noteRoute(walk: Walk, table: Table, found: TableRoute): void {
  const reason = `The route table (${which(table)}) sends ${walk.packet.destination.text} by its most specific route.`;
  note(walk, { kind: "route-table", id: table.id, pass: true, rule: found.text, reason });
}

function which(table: Table): string {
  return table.main ? "the VPC's main one" : "explicitly associated";
}
