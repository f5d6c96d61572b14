import type { IpPermission, SecurityGroupRule, UserIdGroupPair } from "@aws-sdk/client-ec2";
import type { World } from "../world.ts";

/**
 * Rules as EC2 puts them together in DescribeSecurityGroups: one IpPermission for each protocol and pair of ports, in it
 * every peer. Protocol "-1" has no ports.
 */
export function permissionsOf(world: World, rules: readonly SecurityGroupRule[]): IpPermission[] {
  const byPorts = new Map<string, IpPermission>();
  for (const rule of rules) {
    const key = `${rule.IpProtocol} ${rule.FromPort} ${rule.ToPort}`;
    let permission = byPorts.get(key);
    if (!permission) {
      const ports = hasPorts(rule) ? { FromPort: rule.FromPort, ToPort: rule.ToPort } : {};
      permission = {
        IpProtocol: rule.IpProtocol,
        ...ports,
        IpRanges: [],
        Ipv6Ranges: [],
        PrefixListIds: [],
        UserIdGroupPairs: [],
      };
      byPorts.set(key, permission);
    }
    addPeer(world, permission, rule);
  }
  return [...byPorts.values()];
}

const hasPorts = ({ IpProtocol }: SecurityGroupRule) =>
  ["tcp", "udp", "icmp", "icmpv6"].includes(IpProtocol ?? "");

function addPeer(world: World, permission: IpPermission, rule: SecurityGroupRule): void {
  const note = rule.Description === undefined ? {} : { Description: rule.Description };
  if (rule.CidrIpv4) permission.IpRanges!.push({ CidrIp: rule.CidrIpv4, ...note });
  if (rule.CidrIpv6) permission.Ipv6Ranges!.push({ CidrIpv6: rule.CidrIpv6, ...note });
  if (rule.PrefixListId) permission.PrefixListIds!.push({ PrefixListId: rule.PrefixListId, ...note });
  if (rule.ReferencedGroupInfo) permission.UserIdGroupPairs!.push({ ...groupPair(world, rule), ...note });
}

/** The group that a rule refers to; one of a peer VPC with the peering and its status as of now. */
export function groupPair(world: World, { ReferencedGroupInfo: info }: SecurityGroupRule): UserIdGroupPair {
  const { GroupId, UserId, VpcId, VpcPeeringConnectionId } = info ?? {};
  if (VpcPeeringConnectionId === undefined) return { GroupId, UserId };
  const status = world.peerings.get(VpcPeeringConnectionId)?.Status?.Code ?? "deleted";
  return { GroupId, UserId, VpcId, VpcPeeringConnectionId, PeeringStatus: status };
}
