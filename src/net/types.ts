/**
 * The facts that decide whether a packet arrives: addresses, tables and rules, with ids as evidence. Everything is plain
 * data; a `Snapshot` may span accounts and Regions. CIDRs are canonical strings ("10.1.0.0/16", "2001:db8::/32").
 */
export interface Snapshot {
  vpcs: Vpc[];
  subnets: Subnet[];
  routeTables: RouteTable[];
  internetGateways: InternetGateway[];
  peerings: Peering[];
  securityGroups: SecurityGroup[];
  networkAcls: NetworkAcl[];
  interfaces: NetworkInterface[];
  instances: Instance[];
  prefixLists: PrefixList[];
}

export interface Vpc {
  id: string;
  account: string;
  region: string;
  /** Primary block first, then secondary ones, IPv6 last. Only associated blocks. */
  cidrs: string[];
  /** VPC Block Public Access. https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html */
  internetGatewayBlock: InternetGatewayBlock;
}

export type InternetGatewayBlock = "off" | "block-bidirectional" | "block-ingress";

export interface Subnet {
  id: string;
  vpc: string;
  cidrs: string[];
  zone: string;
  /** Where the subnet differs from its VPC, as an exclusion makes it; else absent. */
  internetGatewayBlock?: InternetGatewayBlock;
}

export interface RouteTable {
  id: string;
  vpc: string;
  main: boolean;
  /** Subnets with an explicit association. */
  subnets: string[];
  /** Internet gateways whose inbound traffic follows this table (edge associations). */
  gateways?: string[];
  routes: Route[];
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html */
export interface Route {
  /** A CIDR, or a prefix list's id. */
  destination: string;
  target: { kind: "local" | "internet-gateway" | "peering" | "interface" | "other"; id: string };
  state: "active" | "blackhole";
  /** Learned from a virtual private gateway: yields to a static route of the same length. */
  propagated?: boolean;
}

export interface InternetGateway {
  id: string;
  /** The VPC that it is attached to, if any. */
  vpc?: string;
}

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html */
export interface Peering {
  id: string;
  status: string;
  requester: PeeringSide;
  accepter: PeeringSide;
}

export interface PeeringSide {
  vpc: string;
  account: string;
  region: string;
  /** Known while the peering is active, else empty. */
  cidrs: string[];
  /**
   * Whether the other side resolves this side's public DNS names to private addresses; absent where it is not known.
   * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
   */
  dnsResolution?: boolean;
}

export interface SecurityGroup {
  id: string;
  vpc: string;
  ingress: SecurityGroupRule[];
  egress: SecurityGroupRule[];
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html */
export interface SecurityGroupRule {
  /** `sgr-...` where known. */
  id?: string;
  /** "-1" for all, "tcp", "udp", "icmp", "icmpv6", or a protocol number as text. */
  protocol: string;
  /** Ports, or ICMP type and code; -1 means any. Absent for protocol "-1". */
  fromPort?: number;
  toPort?: number;
  peer: { kind: "cidr"; cidr: string } | { kind: "group"; id: string } | { kind: "prefix-list"; id: string };
}

export interface NetworkAcl {
  id: string;
  vpc: string;
  subnets: string[];
  /** In rule order; the implicit final deny (rule 32767, `*`) is among them. */
  entries: NetworkAclEntry[];
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html */
export interface NetworkAclEntry {
  number: number;
  direction: "ingress" | "egress";
  action: "allow" | "deny";
  protocol: string;
  cidr: string;
  fromPort?: number;
  toPort?: number;
  icmpType?: number;
  icmpCode?: number;
}

export interface NetworkInterface {
  id: string;
  vpc: string;
  subnet: string;
  /** The instance that it is attached to, if any. */
  instance?: string;
  /** EC2's status, where known; "available" is attached to nothing, so nothing answers. */
  status?: string;
  /** The primary address first. An IPv6 address stands in `private`, without `public`: no gateway translates it. */
  addresses: { private: string; public?: string }[];
  groups: string[];
  sourceDestCheck: boolean;
}

export interface Instance {
  id: string;
  /** pending, running, shutting-down, terminated, stopping, stopped. */
  state: string;
}

export interface PrefixList {
  id: string;
  cidrs: string[];
}

/**
 * One end of a question. An interface, by one of its addresses (private or public; the primary one where none is given).
 * Or any other address: outside AWS, or, as a destination, whatever it leads to.
 */
export type Endpoint =
  | { kind: "interface"; id: string; address?: string }
  | { kind: "internet"; address: string };

/**
 * A question. ICMP means an echo request and its reply (ICMPv6 between IPv6 addresses). TCP and UDP need `port`, the
 * destination's. `sourcePort` is where the reply goes to; without it, any of Linux's ephemeral ports.
 */
export interface Probe {
  from: Endpoint;
  to: Endpoint;
  protocol: "icmp" | "tcp" | "udp";
  port?: number;
  sourcePort?: number;
}

/** Why a hop stops the packet. Each has one row in the documentation and one remedy. */
export type BlockerCode =
  | "instance-not-running"
  | "no-public-address"
  | "no-internet-gateway"
  | "block-public-access"
  | "no-route"
  | "route-blackhole"
  | "route-elsewhere"
  | "peering-not-active"
  | "peering-not-transitive"
  | "address-unknown"
  | "security-group-egress"
  | "security-group-ingress"
  | "network-acl-egress"
  | "network-acl-ingress"
  | "source-dest-check";

/** One thing that the packet passes, or not, with the rule that decided it. */
export interface Hop {
  leg: "forward" | "return";
  kind:
    | "instance"
    | "interface"
    | "security-group"
    | "network-acl"
    | "route-table"
    | "internet-gateway"
    | "peering"
    | "vpc";
  /** The AWS id of the thing. */
  id: string;
  /** The packet as this hop saw it, so after any translation before it. The source is absent where it is not known. */
  source?: string;
  destination: string;
  direction?: "egress" | "ingress";
  pass: boolean;
  /** The rule, route or entry that decided, as AWS would print it; absent where nothing matched. */
  rule?: string;
  /** One sentence, in the words of the AWS documentation. */
  reason: string;
  /** Set where `pass` is false. */
  code?: BlockerCode;
  /** For a route that is missing or wrong: the peering or internet gateway that it should name, where there is one. */
  wanted?: string;
}

/**
 * The answer. `blockers` are all hops that do not pass, forward leg first (a peering, gateway, interface or instance that
 * stops both legs is there once); `reachable` means there is none.
 */
export interface Verdict {
  probe: Probe;
  reachable: boolean;
  hops: Hop[];
  blockers: Hop[];
}
