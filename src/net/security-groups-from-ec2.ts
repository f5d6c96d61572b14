import { cidr } from "./cidr.ts";
import type { Ec2IpPermission, Ec2SecurityGroup, Ec2SecurityGroupRule } from "./ec2-shapes.ts";
import type { SecurityGroup, SecurityGroupRule } from "./types.ts";

type Peer = SecurityGroupRule["peer"];

/** The groups with their rules: from `rules` where given (they have ids), else from the groups' own permissions. */
export function groupsFrom(
  groups: Iterable<Ec2SecurityGroup>,
  rules: Iterable<Ec2SecurityGroupRule> | undefined,
): SecurityGroup[] {
  const byGroup = rules && groupRules(rules);
  return Array.from(groups, (row) => {
    const { GroupId: id, VpcId: vpc } = row;
    if (id === undefined || vpc === undefined) {
      throw new TypeError("EC2 answered a security group without GroupId or VpcId");
    }
    const own = byGroup?.get(id);
    if (byGroup) return { id, vpc, ingress: own?.ingress ?? [], egress: own?.egress ?? [] };
    return {
      id,
      vpc,
      ingress: (row.IpPermissions ?? []).flatMap(fromPermission),
      egress: (row.IpPermissionsEgress ?? []).flatMap(fromPermission),
    };
  });
}

function groupRules(rows: Iterable<Ec2SecurityGroupRule>) {
  const byGroup = new Map<string, Pick<SecurityGroup, "ingress" | "egress">>();
  for (const row of rows) {
    const group = row.GroupId ?? "";
    const lists = byGroup.get(group) ?? { ingress: [], egress: [] };
    byGroup.set(group, lists);
    lists[row.IsEgress ? "egress" : "ingress"].push(fromRule(row));
  }
  return byGroup;
}

function fromRule(row: Ec2SecurityGroupRule): SecurityGroupRule {
  const block = row.CidrIpv4 ?? row.CidrIpv6;
  const peer: Peer | undefined = block
    ? { kind: "cidr", cidr: cidr(block).text }
    : row.PrefixListId
      ? { kind: "prefix-list", id: row.PrefixListId }
      : row.ReferencedGroupInfo?.GroupId
        ? { kind: "group", id: row.ReferencedGroupInfo.GroupId }
        : undefined;
  if (!peer) throw new TypeError(`EC2 answered ${row.SecurityGroupRuleId} without source or destination`);
  return { ...(row.SecurityGroupRuleId && { id: row.SecurityGroupRuleId }), ...trafficOf(row), peer };
}

/** One permission is as many rules as it has ranges, lists and groups. */
function fromPermission(permission: Ec2IpPermission): SecurityGroupRule[] {
  const peers: Peer[] = [
    ...(permission.IpRanges ?? []).map((range) => cidrPeer(range.CidrIp)),
    ...(permission.Ipv6Ranges ?? []).map((range) => cidrPeer(range.CidrIpv6)),
    ...(permission.PrefixListIds ?? []).map(
      (list): Peer => ({ kind: "prefix-list", id: list.PrefixListId ?? "" }),
    ),
    ...(permission.UserIdGroupPairs ?? []).map((pair): Peer => ({ kind: "group", id: pair.GroupId ?? "" })),
  ];
  return peers.map((peer) => ({ ...trafficOf(permission), peer }));
}

function cidrPeer(text: string | undefined): Peer {
  return { kind: "cidr", cidr: cidr(text ?? "").text };
}

/** "-1" has no ports in the model, though DescribeSecurityGroupRules writes -1 for them. */
function trafficOf(row: { IpProtocol?: string; FromPort?: number; ToPort?: number }) {
  const protocol = row.IpProtocol ?? "-1";
  if (protocol === "-1") return { protocol };
  return {
    protocol,
    ...(row.FromPort !== undefined && { fromPort: row.FromPort }),
    ...(row.ToPort !== undefined && { toPort: row.ToPort }),
  };
}
