import type { Address } from "./cidr.ts";
import type { Eni, VpcNode } from "./network.ts";
import { isInternal, note, type Step, type Walk } from "./walk.ts";

/**
 * Out to the internet: the gateway must be attached, not blocked, and it translates the sender's private IPv4 address to
 * its public one, one to one: by the address, so also where a middlebox hands the packet on. Without `id` no route leads
 * there, and what else is missing is looked for.
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/internet-gateway-subnet.html
 */
export function leaveByGateway(walk: Walk, vpc: VpcNode, id: string | undefined): Step {
  const { network, packet, at } = walk;
  const sender = vpc.interfaces.get(packet.source?.text ?? "");
  const own = sender?.addresses.find((each) => each.private.text === packet.source?.text);
  const source = own && publicAddress(own);
  if (!sender || !own || (at !== sender && !source)) {
    const reason = `Whether ${at?.id ?? "the middlebox"} translates ${packet.source?.text} to an address of its own is not in the tables.`;
    note(walk, { kind: "interface", id: at?.id ?? vpc.id, pass: false, reason, code: "route-elsewhere" });
    return { to: "nowhere" };
  }
  const gateway = attachedGateway(walk, vpc, id);
  const open = checkPublicAccess(walk, sender);
  if (!source) {
    const reason = `${own.private.text} has no public IPv4 address, so the internet gateway cannot translate it.`;
    note(walk, { kind: "interface", id: sender.id, pass: false, reason, code: "no-public-address" });
  } else if (gateway && open && id !== undefined) {
    const reason = `The internet gateway sends the packet on as from ${source.text}.`;
    note(walk, { kind: "internet-gateway", id: gateway, direction: "egress", pass: true, reason });
  }
  walk.packet = { ...packet, source };
  walk.direct = false;
  walk.inside = false;
  // The reply to a probe from the internet goes outside, even if an interface has that address too.
  const outside = walk.leg === "return" && !walk.goal;
  const owner = outside ? undefined : network.publicAddresses.get(packet.destination.text);
  return owner ? { to: "gateway-in", eni: owner } : { to: "internet" };
}

/** In from the internet, to an address of `eni`. The gateway's own route table, if it has one, decides the way inside. */
export function enterByGateway(walk: Walk, eni: Eni): Step {
  const { network } = walk;
  const gateway = attachedGateway(walk, eni.vpc, undefined);
  const open = checkPublicAccess(walk, eni);
  walk.at = undefined;
  walk.inside = false;
  walk.direct = false;
  const { destination } = walk.packet;
  const inside = eni.addresses.find((each) => each.public?.text === destination.text)?.private ?? destination;
  if (gateway && open) {
    const reason = `The internet gateway hands the packet on to ${inside.text}.`;
    note(walk, { kind: "internet-gateway", id: gateway, direction: "ingress", pass: true, reason });
  }
  walk.packet = { ...walk.packet, destination: inside };
  const edge = gateway === undefined ? undefined : network.edgeTables.get(gateway);
  return edge ? { to: "table", table: edge, vpc: eni.vpc } : { to: "vpc", vpc: eni.vpc };
}

/** What the internet knows the address by; undefined where it knows none. */
export function publicAddress(own: { private: Address; public?: Address }): Address | undefined {
  if (own.private.family === 4) return own.public;
  return isInternal(own.private) ? undefined : own.private;
}

function attachedGateway(walk: Walk, vpc: VpcNode, routed: string | undefined): string | undefined {
  const attached = walk.network.gatewayOfVpc.get(vpc.id)?.id;
  if (attached !== undefined && (routed === undefined || routed === attached)) return attached;
  const reason = routed
    ? `The internet gateway that the route names is not attached to ${vpc.id}.`
    : "No internet gateway is attached to the VPC.";
  const where = routed
    ? ({ kind: "internet-gateway", id: routed } as const)
    : ({ kind: "vpc", id: vpc.id } as const);
  note(walk, { ...where, pass: false, reason, code: "no-internet-gateway" });
  return undefined;
}

/**
 * Either mode shuts internet gateways both ways: "block-ingress" leaves only NAT and egress-only gateways open. What counts
 * is the subnet that the traffic is from or for: that a middlebox in between is in an excluded one opens nothing.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html#security-vpc-bpa-service-support
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockPublicAccessStates.html
 */
function checkPublicAccess(walk: Walk, eni: Eni): boolean {
  const mode = eni.subnet.internetGatewayBlock;
  if (mode === "off") return true;
  const reason = `VPC Block Public Access (${mode}) blocks traffic between the subnet and the internet gateway.`;
  note(walk, { kind: "vpc", id: eni.vpc.id, pass: false, rule: mode, reason, code: "block-public-access" });
  return false;
}
