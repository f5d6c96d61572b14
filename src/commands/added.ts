import type { IpPermission, Route, RouteTable, SecurityGroup } from "@aws-sdk/client-ec2";
import { pingPairs } from "../ping-pairs.ts";
import { sshRule } from "../steps/launch.ts";
import { echoRequest } from "../steps/open-icmp.ts";
import type { Topology } from "../topology.ts";
import type { Theirs } from "./theirs.ts";

/** What the stack's own rules and routes come from. */
export interface Wanted {
  topology: Topology;
  /** The block that port 22 was opened to, by VPC, as far as it is on record. */
  sshFrom: ReadonlyMap<string, string>;
}

/** The routes that no step makes; in a table of ours one to a destination of ours is drift of that route. */
export function addedRoutes(key: string, table: RouteTable, { topology }: Wanted): Theirs[] {
  const name = key.startsWith("route-table/") ? key.slice(key.indexOf("/") + 1) : undefined;
  const ours = new Set(name === undefined ? [] : destinationsOf(name, topology));
  return (table.Routes ?? [])
    .filter((route) => route.GatewayId !== "local" && !ours.has(destinationOf(route)))
    .map((route) => ({
      key,
      id: table.RouteTableId!,
      detail: `route, ${destinationOf(route)} -> ${targetOf(route)}`,
    }));
}

function destinationsOf(vpc: string, { vpcs, peerings }: Topology): string[] {
  const others = peerings.flatMap(({ requester, accepter }) =>
    requester === vpc ? [accepter] : accepter === vpc ? [requester] : [],
  );
  return ["0.0.0.0/0", ...vpcs.filter(({ name }) => others.includes(name)).map(({ cidr }) => cidr)];
}

function destinationOf(route: Route): string {
  return route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? "?";
}

/** EC2 gives each kind of target a member of its own. */
function targetOf(route: Route): string {
  return (
    route.GatewayId ??
    route.VpcPeeringConnectionId ??
    route.NatGatewayId ??
    route.TransitGatewayId ??
    route.EgressOnlyInternetGatewayId ??
    route.NetworkInterfaceId ??
    route.InstanceId ??
    "?"
  );
}

/** The rules of a group of ours that no step makes. */
export function addedRules(key: string, group: SecurityGroup, { topology, sshFrom }: Wanted): Theirs[] {
  const name = key.slice(key.indexOf("/") + 1);
  const pinging = pingPairs(topology).flatMap(({ from, to }) => (to.name === name ? [from.cidr] : []));
  const isOurs = ({ IpProtocol, FromPort }: IpPermission, source: string, description = "") => {
    if (IpProtocol === sshRule.protocol && FromPort === sshRule.fromPort)
      return source === sshFrom.get(name) || description === sshRule.description;
    return (
      IpProtocol === echoRequest.protocol && FromPort === echoRequest.fromPort && pinging.includes(source)
    );
  };
  /** Every group is made with it. */
  const isDefault = ({ IpProtocol }: IpPermission, source: string) =>
    IpProtocol === "-1" && /^(0\.0\.0\.0|::)\/0$/.test(source);
  const added = (
    permissions: IpPermission[] = [],
    words: string,
    expected: (row: IpPermission, source: string, description?: string) => boolean,
  ) =>
    permissions.flatMap((row) =>
      sourcesOf(row)
        .filter(([source, description]) => !expected(row, source, description))
        .map(([source]) => ({
          key,
          id: group.GroupId!,
          detail: `rule, ${protocolWords(row)} ${words} ${source}`,
        })),
    );
  return [
    ...added(group.IpPermissions, "from", isOurs),
    ...added(group.IpPermissionsEgress, "to", isDefault),
  ];
}

function sourcesOf(row: IpPermission): [source: string, description: string | undefined][] {
  return [
    ...(row.IpRanges ?? []).map((each) => [each.CidrIp, each.Description] as const),
    ...(row.Ipv6Ranges ?? []).map((each) => [each.CidrIpv6, each.Description] as const),
    ...(row.PrefixListIds ?? []).map((each) => [each.PrefixListId, each.Description] as const),
    ...(row.UserIdGroupPairs ?? []).map((each) => [each.GroupId, each.Description] as const),
  ].map(([source = "?", description]) => [source, description]);
}

function protocolWords({ IpProtocol, FromPort, ToPort }: IpPermission): string {
  if (IpProtocol === "-1") return "all";
  if (FromPort === undefined) return String(IpProtocol);
  return `${IpProtocol} ${FromPort === ToPort || ToPort === undefined ? FromPort : `${FromPort}-${ToPort}`}`;
}
