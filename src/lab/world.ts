import type {
  Address,
  Image,
  Instance,
  InternetGateway,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Volume,
  Vpc,
  VpcBlockPublicAccessExclusion,
  VpcBlockPublicAccessOptions,
  VpcPeeringConnection,
} from "@aws-sdk/client-ec2";
import type { Ids } from "./ids.ts";
import type { Profile } from "./profile.ts";
import type { Quotas } from "./quotas.ts";

/**
 * Everything that the lab knows, in the shapes of EC2's own replies, so that a Describe is a look at a table. Tags stand
 * apart (`Tables.tags`), because they belong to an account and Region even where the resource (a peering) spans two.
 */
export interface World {
  /** Milliseconds since the epoch as of the request in hand; every action sees one instant. */
  now: number;
  /** Keyed `account/region`; made with their default VPC when first asked for (see `tablesOf`). */
  tables: Map<string, Tables>;
  /** Peerings by id, shared by every account and Region. */
  peerings: Map<string, VpcPeeringConnection>;
  /** What will happen by itself, soonest first. */
  due: Transition[];
  /** Instance id -> the keys that SendSSHPublicKey has pushed to it. Entries past their `until` count for nothing. */
  pushedKeys: Map<string, PushedKey[]>;
  ids: Ids;
  profile: Profile;
  /** Where the account's quotas differ from AWS's defaults; ask by `quota(world, name)`. */
  quotas?: Partial<Quotas>;
}

/** https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html */
export interface PushedKey {
  /** The OS user, e.g. `ec2-user`. */
  user: string;
  /** The public key as one line of OpenSSH text. */
  key: string;
  /** Milliseconds since the epoch: 60 s after the push. */
  until: number;
}

/** The tables of one account in one Region; each Map is keyed by the resource's id. */
export interface Tables {
  account: string;
  region: string;
  vpcs: Map<string, Vpc>;
  vpcAttributes: Map<string, VpcAttributes>;
  subnets: Map<string, Subnet>;
  internetGateways: Map<string, InternetGateway>;
  /** Without their routes' states: those follow the targets (see `withRouteStates`). */
  routeTables: Map<string, RouteTable>;
  /** Without their permissions: those are rows of `securityGroupRules`, and Describe puts them together. */
  securityGroups: Map<string, SecurityGroup>;
  securityGroupRules: Map<string, SecurityGroupRule>;
  networkAcls: Map<string, NetworkAcl>;
  networkInterfaces: Map<string, NetworkInterface>;
  instances: Map<string, InstanceRecord>;
  volumes: Map<string, Volume>;
  addresses: Map<string, Address>;
  images: Map<string, Image>;
  /** Resource id -> tag key -> value. */
  tags: Map<string, Map<string, string>>;
  /** `action/token` -> the parameters' fingerprint and what the first call made. */
  clientTokens: Map<string, { fingerprint: string; id: string }>;
  /** VPC Block Public Access; absent while nobody has touched it. */
  publicAccess?: VpcBlockPublicAccessOptions;
  publicAccessExclusions?: Map<string, VpcBlockPublicAccessExclusion>;
  /** Resource id -> the instant from which Describe and other actions see it (eventual consistency). */
  visibleFrom: Map<string, number>;
}

export interface VpcAttributes {
  enableDnsSupport: boolean;
  enableDnsHostnames: boolean;
  enableNetworkAddressUsageMetrics: boolean;
}

/** An instance as DescribeInstances shows it, with what only the lab knows. */
export interface InstanceRecord {
  instance: Instance;
  reservationId: string;
  userData?: string;
  disableApiTermination: boolean;
  disableApiStop: boolean;
  shutdownBehavior: "stop" | "terminate";
  /** Launched with a public address of its own: it gets a new one at each start, and when an Elastic IP leaves. */
  autoPublicIp: boolean;
  /** `standard` or `unlimited`, where the launch said which. */
  cpuCredits?: string;
  /** The SSH host key, OpenSSH private key text; made when the instance first boots. */
  hostKey?: string;
  /** When it last went to `running` (ms since the epoch); sshd answers `Profile.sshdStart` later. Set on each arrival there. */
  runningSince?: number;
}

/**
 * A change that time brings: at `at` (ms since the epoch) the `kind` of resource `id` goes to `to`. What each kind's
 * transition does is written beside its actions and registered in `transitions.ts`.
 */
export interface Transition {
  at: number;
  account: string;
  region: string;
  kind: "vpc" | "subnet" | "peering" | "instance" | "network-interface" | "forget";
  id: string;
  to: string;
}
