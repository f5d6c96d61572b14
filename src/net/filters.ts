import type { Eni } from "./network.ts";
import { decideAcl } from "./network-acls.ts";
import { anyClient, describePacket, describePorts } from "./packet.ts";
import { allowingRule } from "./security-groups.ts";
import { livingPeering, meansGoalItself, note, type Walk } from "./walk.ts";

type Direction = "ingress" | "egress";

/** Something must run behind the interface to send and to answer. */
export function checkInstance(walk: Walk, eni: Eni): void {
  if (eni.instance) {
    const pass = eni.instance.state === "running";
    const reason = `The instance is ${eni.instance.state}.`;
    note(walk, { kind: "instance", id: eni.instance.id, pass, reason, ...(!pass && notRunning) });
  } else if (eni.source.instance === undefined && eni.source.status === "available") {
    const reason = "The network interface is not attached to an instance.";
    note(walk, { kind: "interface", id: eni.id, pass: false, reason, ...notRunning });
  }
}

const notRunning = { code: "instance-not-running" } as const;

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html */
export function checkGroups(walk: Walk, eni: Eni, direction: Direction): void {
  const { packet, leg, tracked } = walk;
  if (leg === "return" && tracked.has(eni)) {
    const reason =
      "Security groups are stateful: the response to allowed traffic passes regardless of the rules.";
    note(walk, { kind: "security-group", id: eni.groups[0]?.id ?? eni.id, direction, pass: true, reason });
    return;
  }
  // What a middlebox hands on of the answer is no answer to what its groups have let through.
  if (leg === "forward") tracked.add(eni);
  // A source that no gateway could translate is a blocker already, and rules can't be held against it.
  if (direction === "ingress" && !packet.source) return;
  const allowed = allowingRule(eni.groups, direction, packet, () => remoteGroups(walk, eni, direction));
  const words = `${describePacket(packet)} ${remoteText(walk, direction)}`;
  const side = direction === "ingress" ? "inbound" : "outbound";
  if (allowed) {
    const { group: id, rule } = allowed;
    const reason = `An ${side} rule of the security group allows ${words}.`;
    note(walk, { kind: "security-group", id, direction, pass: true, rule, reason });
    return;
  }
  const names = eni.groups.map((group) => group.id).join(", ");
  const reason = `No ${side} rule of ${names || "any security group"} allows ${words}.`;
  const id = eni.groups[0]?.id ?? eni.id;
  note(walk, {
    kind: "security-group",
    id,
    direction,
    pass: false,
    reason,
    code: direction === "ingress" ? "security-group-ingress" : "security-group-egress",
  });
}

/**
 * The groups at the packet's other end that rules here may name. A group of another VPC counts over a peering in the same
 * Region. Whether that peering is active is judged where the packet crosses it: said twice, it would look like two faults.
 * A dead one leaves the rule stale. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
 */
function remoteGroups(walk: Walk, eni: Eni, direction: Direction): readonly string[] {
  const other = direction === "ingress" ? walk.origin : walk.goal;
  if (!walk.direct || !other || (direction === "egress" && !meansGoalItself(walk))) return [];
  if (other.vpc === eni.vpc) return other.source.groups;
  if (other.vpc.region !== eni.vpc.region) return [];
  return livingPeering(eni.vpc, other.vpc) ? other.source.groups : [];
}

/** Called where the packet crosses the subnet's edge, never within it. https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html */
export function checkAcl(walk: Walk, eni: Eni, direction: Direction): void {
  const { packet } = walk;
  const { acl } = eni.subnet;
  if (direction === "ingress" && !packet.source) return;
  const { pass, rule, ports } = decideAcl(acl, direction, packet);
  const way = direction === "ingress" ? "into" : "out of";
  const words = `${describePacket(packet)} ${remoteText(walk, direction)} ${way} the subnet`;
  if (pass) {
    const warning = packet.ephemeral ? shutForOthers(walk, eni, direction) : "";
    const reason = `The network ACL lets ${words}.${warning}`;
    note(walk, { kind: "network-acl", id: acl.id, direction, pass, rule, reason });
    return;
  }
  const part = packet.ephemeral && ports ? ` (here ${describePorts(ports)})` : "";
  const reason = rule
    ? `The network ACL denies ${words}${part}.`
    : `No rule of the network ACL allows ${words}${part}, so its last rule (*) denies it.`;
  const stateless =
    walk.leg === "return" ? " Network ACLs are stateless: responses need a rule of their own." : "";
  note(walk, {
    kind: "network-acl",
    id: acl.id,
    direction,
    pass,
    rule,
    reason: reason + stateless,
    code: direction === "ingress" ? "network-acl-ingress" : "network-acl-egress",
  });
}

/** See `linuxClient`: what stays shut of the wider range is worth a word, and no more. */
function shutForOthers(walk: Walk, eni: Eni, direction: Direction): string {
  const { pass, ports } = decideAcl(eni.subnet.acl, direction, { ...walk.packet, ports: anyClient });
  return pass || !ports ? "" : ` It denies ${describePorts(ports)}, which clients other than Linux may use.`;
}

function remoteText({ packet }: Walk, direction: Direction): string {
  return direction === "ingress" ? `from ${packet.source?.text}` : `to ${packet.destination.text}`;
}
