import { address, cidr, contains } from "../../net/cidr.ts";
import type { Hop } from "../../net/types.ts";
import { pingPairs } from "../../ping-pairs.ts";
import { aws, type Remedy, type Surroundings, step } from "./line.ts";
import { blockFor, interfaceAt, isOutside, nameOf, specOf } from "./places.ts";

/** For a packet that no rule of the groups allows. Opens for the one address at the other end and no more. */
export function groupRemedy(around: Surroundings, hop: Hop): Remedy {
  const isIngress = hop.code === "security-group-ingress";
  const own = isIngress ? stepFor(around, hop) : undefined;
  if (own) return step(around, 2, own);
  const { protocol, port } = around.verdict.probe;
  const remote = (isIngress ? hop.source : hop.destination) ?? "";
  const block = blockFor(around, remote, isOutside(around, remote));
  const isIpv6 = block.includes(":");
  const ports =
    protocol === "icmp" ? `FromPort=${isIpv6 ? 128 : 8},ToPort=-1` : `FromPort=${port},ToPort=${port}`;
  const name = protocol === "icmp" && isIpv6 ? "icmpv6" : protocol;
  const range = isIpv6 ? `Ipv6Ranges=[{CidrIpv6=${block}}]` : `IpRanges=[{CidrIp=${block}}]`;
  return aws(
    around,
    2,
    `authorize-security-group-${isIngress ? "ingress" : "egress"} --group-id ${hop.id} --ip-permissions 'IpProtocol=${name},${ports},${range}'`,
    block.endsWith("/0") ? "This opens it to everybody." : undefined,
  );
}

/** The step that lets just this in, where the group and the traffic are the stack's. */
function stepFor(around: Surroundings, hop: Hop): string | undefined {
  const { snapshot, verdict, topology } = around;
  const { probe } = verdict;
  const group = snapshot.securityGroups.find(({ id }) => id === hop.id);
  const to = specOf(around, nameOf(around, group?.vpc));
  if (!to || !topology || !around.keyOf(hop.id)?.startsWith("security-group/") || !hop.source)
    return undefined;
  if (probe.protocol === "tcp" && probe.port === 22 && to.connects && probe.from.kind === "internet") {
    return around.anybody ? undefined : "launch";
  }
  const from = nameOf(around, interfaceAt(snapshot.interfaces, probe.from)?.vpc);
  const pair = pingPairs(topology).find((each) => each.from.name === from && each.to.name === to.name);
  if (!pair || probe.protocol !== "icmp") return undefined;
  return contains(cidr(pair.from.cidr), address(hop.source)) ? "open-icmp" : undefined;
}
