import {
  type Address,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  type Instance,
  type InternetGateway,
  type RouteTable,
  type SecurityGroup,
  type Subnet,
  type Tag,
  type Vpc,
  type VpcPeeringConnection,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { allPages } from "./pages.ts";
import { keyTag, ofStack, tagOf } from "./tags.ts";

/** The kinds of resource that carry our tags, by the type in their keys, with the row that Describe gives for each. */
export interface LiveRows {
  vpc: Vpc;
  subnet: Subnet;
  "internet-gateway": InternetGateway;
  "route-table": RouteTable;
  peering: VpcPeeringConnection;
  "security-group": SecurityGroup;
  instance: Instance;
  address: Address;
}

export type LiveKind = keyof LiveRows;

/** The stack's resources as AWS shows them, asked for once a kind and then kept. */
export interface Live {
  /** All rows of a kind with the stack's tag, less those that are dead but still shown. */
  rows<Kind extends LiveKind>(kind: Kind): Promise<LiveRows[Kind][]>;
  /** The row with that logical key, if any; `id` decides where a key has more than one. */
  find<Kind extends LiveKind>(kind: Kind, key: string, id?: string): Promise<LiveRows[Kind] | undefined>;
  /** The rows' ids and logical keys. */
  all(kind: LiveKind): Promise<{ id: string; key: string | undefined }[]>;
  /** Forgets what it knows, of one kind or of all: the next question asks AWS again. */
  refresh(kind?: LiveKind): void;
  /** Forgets all after `pause`; whoever asks for that meanwhile shares it, and so the questions that follow. */
  again(pause: () => Promise<void>): Promise<void>;
}

export const liveKinds: readonly LiveKind[] = [
  "vpc",
  "subnet",
  "internet-gateway",
  "route-table",
  "peering",
  "security-group",
  "instance",
  "address",
];

/** The id of a row, whatever its kind. */
export function idOf(kind: LiveKind, row: LiveRows[LiveKind]): string {
  return String((row as Record<string, unknown>)[idMember[kind]] ?? "");
}

const idMember: Record<LiveKind, string> = {
  vpc: "VpcId",
  subnet: "SubnetId",
  "internet-gateway": "InternetGatewayId",
  "route-table": "RouteTableId",
  peering: "VpcPeeringConnectionId",
  "security-group": "GroupId",
  instance: "InstanceId",
  address: "AllocationId",
};

/** States in which a peering is over; it stays visible for up to two days. */
export const deadPeering: ReadonlySet<string> = new Set([
  "failed",
  "rejected",
  "expired",
  "deleting",
  "deleted",
]);

/** States in which an instance is on its way out; it stays visible for about an hour. */
export const deadInstance: ReadonlySet<string> = new Set(["shutting-down", "terminated"]);

/** How each kind is asked for: all pages of what `Filters` select. */
export const describeKind: {
  [Kind in LiveKind]: (aws: Aws, Filters: { Name: string; Values: string[] }[]) => Promise<LiveRows[Kind][]>;
} = {
  vpc: (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeVpcsCommand({ Filters, NextToken })),
      (page) => page.Vpcs,
    ),
  subnet: (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeSubnetsCommand({ Filters, NextToken })),
      (page) => page.Subnets,
    ),
  "internet-gateway": (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeInternetGatewaysCommand({ Filters, NextToken })),
      (page) => page.InternetGateways,
    ),
  "route-table": (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeRouteTablesCommand({ Filters, NextToken })),
      (page) => page.RouteTables,
    ),
  peering: (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeVpcPeeringConnectionsCommand({ Filters, NextToken })),
      (page) => page.VpcPeeringConnections?.filter((row) => !deadPeering.has(row.Status?.Code ?? "")),
    ),
  "security-group": (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeSecurityGroupsCommand({ Filters, NextToken })),
      (page) => page.SecurityGroups,
    ),
  instance: (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeInstancesCommand({ Filters, NextToken })),
      (page) =>
        page.Reservations?.flatMap((each) => each.Instances ?? []).filter(
          (row) => !deadInstance.has(row.State?.Name ?? ""),
        ),
    ),
  // DescribeAddresses has no pages: an account holds few.
  address: async (aws, Filters) => (await aws.ec2(new DescribeAddressesCommand({ Filters }))).Addresses ?? [],
};

/** How the stack's rows of a kind are asked for. */
export type AskLive = <Kind extends LiveKind>(kind: Kind) => Promise<LiveRows[Kind][]>;

export function liveStack(
  aws: Aws,
  uuid: string,
  ask: AskLive = (kind) => describeKind[kind](aws, ofStack(uuid)),
): Live {
  const known = new Map<LiveKind, Promise<unknown>>();
  let coming: Promise<void> | undefined;
  const rows = <Kind extends LiveKind>(kind: Kind): Promise<LiveRows[Kind][]> => {
    const asked = known.get(kind) ?? ask(kind);
    known.set(kind, asked);
    return asked as Promise<LiveRows[Kind][]>;
  };
  return {
    rows,
    find: async (kind, key, id) => {
      const found = (await rows(kind)).filter((row) => tagOf(row as { Tags?: Tag[] }, keyTag) === key);
      return found.find((row) => idOf(kind, row) === id) ?? found[0];
    },
    all: async (kind) =>
      (await rows(kind)).map((row) => ({
        id: idOf(kind, row),
        key: tagOf(row as { Tags?: Tag[] }, keyTag),
      })),
    refresh: (kind) => (kind ? known.delete(kind) : known.clear()),
    again: (pause) => {
      coming ??= pause().then(() => {
        coming = undefined;
        known.clear();
      });
      return coming;
    },
  };
}
