import type { LogEntry } from "../src/lab/log.ts";

/** What EC2's rules say of calls, by the ids that they name and made. What it does not say of a call is that it is free. */
export interface Rules {
  /** The ids whose state the call sets in motion. */
  moves(call: LogEntry): string[];
  /** What is no more once it took effect: an id, or what `attachment` or `mapped` says. */
  ends(call: LogEntry): string[];
  /** What must be no more before EC2 does what the call asks for. */
  comesAfter(call: LogEntry): string[];
}

/** Each call that ends something, and what: the first part of its id. `TerminateInstances` only sets out to. */
const ending: Readonly<Record<string, string>> = {
  DeleteVpc: "vpc",
  DeleteSubnet: "subnet",
  DeleteInternetGateway: "igw",
  DeleteRouteTable: "rtb",
  DeleteSecurityGroup: "sg",
  DisassociateAddress: "eipassoc",
  DisassociateRouteTable: "rtbassoc",
  ReleaseAddress: "eipalloc",
};

/** What has to be deleted by itself before that with which it was made. What comes with an instance goes with it. */
const deletedAlone = /^(subnet|rtb|sg|i)-/;

/** That an internet gateway is attached; each side's id says it. */
const attachment = (id: string) => `attachment of ${id}`;
/** That addresses are mapped to what is in a VPC: until none is, its gateway cannot be detached. */
const mapped = (vpc: string) => `addresses in ${vpc}`;

/**
 * The rules for the things that `calls` made and attached. https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
 * says what keeps a VPC from being deleted. A route table's association is none of that: it can be ended at any time, or
 * goes with the subnet.
 */
export function rulesFor(calls: readonly LogEntry[]): Rules {
  const madeWith = new Map<string, readonly string[]>();
  for (const { used, made } of calls) for (const id of made) madeWith.set(id, used);
  const vpcOf = (id: string): string | undefined =>
    id.startsWith("vpc-") ? id : first(madeWith.get(id) ?? [], vpcOf);

  const blockers = new Map<string, Set<string>>();
  const block = (on: string | undefined, by: string | undefined) => {
    if (on && by) blockers.set(on, (blockers.get(on) ?? new Set()).add(by));
  };
  for (const { action, used, made } of calls) {
    if (/^(Create|Run)/.test(action)) {
      for (const on of used) for (const id of made) if (deletedAlone.test(id)) block(on, id);
    }
    if (action === "AttachInternetGateway") for (const id of used) block(id, attachment(id));
    if (action === "AssociateRouteTable") block(one("rtb", used), one("rtbassoc", made));
    if (action === "AssociateAddress") {
      const vpc = first(used, vpcOf);
      block(one("eipalloc", used), one("eipassoc", made));
      block(vpc && mapped(vpc), one("eipassoc", made));
    }
  }
  const blocking = (on: string) => [...(blockers.get(on) ?? [])];

  return {
    moves: ({ action, used, made }) => {
      const [, moved] = /(VpcPeeringConnection|Instances)$/.exec(action) ?? [];
      if (!moved) return [];
      return [...used, ...made].filter((id) => id.startsWith(moved === "Instances" ? "i-" : "pcx-"));
    },
    ends: ({ action, used }) => {
      if (action === "DetachInternetGateway") return used.map(attachment);
      return ofKind(ending[action], used);
    },
    comesAfter: ({ action, used }) => {
      if (action === "DetachInternetGateway") return used.flatMap((id) => blocking(mapped(id)));
      return ofKind(ending[action], used).flatMap(blocking);
    },
  };
}

const ofKind = (kind: string | undefined, ids: readonly string[]) =>
  ids.filter((id) => id.startsWith(`${kind}-`));
const one = (kind: string, ids: readonly string[]) => ofKind(kind, ids)[0];

/** The first answer that there is. */
function first<Found>(ids: readonly string[], find: (id: string) => Found | undefined): Found | undefined {
  for (const id of ids) {
    const found = find(id);
    if (found !== undefined) return found;
  }
  return undefined;
}
