import { checkAcl, checkGroups, checkInstance } from "./filters.ts";
import { publicAddress } from "./internet-gateway.ts";
import { isSameInstance, type VpcNode } from "./network.ts";
import { leave } from "./routing.ts";
import { atGoal, note, type Step, type Walk } from "./walk.ts";

/**
 * A route to a network interface. Traffic that is not addressed to it gets in only with the source/destination check off,
 * and passes its security groups both ways. What the instance then does is not in AWS's tables: it is taken to forward
 * the packet unchanged, by the route table of its own subnet, as a router does. Of two packets it is known what Linux does:
 * one that is for another interface of the instance has arrived, and one that the instance itself has sent it drops.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html#route-tables-appliance-routing
 * https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html#gateway-route-table-rules
 */
export function passMiddlebox(walk: Walk, id: string, vpc: VpcNode): Step {
  const { network, packet, at } = walk;
  const eni = network.interfaces.get(id);
  if (!eni) {
    const reason = "The network interface that the route names is not at hand.";
    note(walk, { kind: "interface", id, pass: false, reason, code: "route-elsewhere" });
    return atGoal(walk);
  }
  if (eni.addresses.some((each) => each.private.text === packet.destination.text)) return { to: "vpc", vpc };
  if (at?.subnet !== eni.subnet) checkAcl(walk, eni, "ingress");
  if (walk.middleboxes.includes(eni)) {
    const reason =
      "The route table of its own subnet sends the packet back to it: where it goes is up to the instance.";
    note(walk, { kind: "interface", id, pass: false, reason, code: "route-elsewhere" });
    return atGoal(walk);
  }
  if (walk.origin && isSameInstance(eni, walk.origin)) {
    const reason =
      "The packet comes back to the instance that sent it: Linux drops packets that claim to come from itself.";
    note(walk, { kind: "interface", id, pass: false, reason, code: "route-elsewhere" });
    return atGoal(walk);
  }
  walk.middleboxes.push(eni);
  walk.direct = false;
  if (!at && !eni.addresses.some(publicAddress)) {
    const reason =
      "What comes in by an internet gateway can be routed only to a network interface that has a public IP address.";
    note(walk, { kind: "interface", id, pass: false, reason, code: "no-public-address" });
  }
  const pass = !eni.source.sourceDestCheck;
  const reason = pass
    ? "The source/destination check is off; the instance is taken to forward the packet unchanged."
    : "The source/destination check drops packets that are not addressed to the network interface.";
  note(walk, { kind: "interface", id, pass, reason, ...(!pass && { code: "source-dest-check" as const }) });
  checkInstance(walk, eni);
  checkGroups(walk, eni, "ingress");
  const owner = vpc.interfaces.get(packet.destination.text);
  if (owner && isSameInstance(eni, owner) && (!walk.goal || walk.goal === owner)) {
    return { to: "instance", eni: owner };
  }
  checkGroups(walk, eni, "egress");
  return leave(walk, eni);
}
