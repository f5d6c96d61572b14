import { readFile, writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { Reading } from "../aws/snapshot.ts";
import { describeCause, UserError } from "../errors.ts";
import type { Snapshot } from "../net/types.ts";

/** The version that this peerctl writes and reads. */
const version = 1;

const Text = v.string();
const Texts = v.array(Text);
const Block = v.picklist(["off", "block-bidirectional", "block-ingress"]);
const Side = v.strictObject({
  vpc: Text,
  account: Text,
  region: Text,
  cidrs: Texts,
  dnsResolution: v.optional(v.boolean()),
});
const Rule = v.strictObject({
  id: v.optional(Text),
  protocol: Text,
  fromPort: v.optional(v.number()),
  toPort: v.optional(v.number()),
  peer: v.variant("kind", [
    v.strictObject({ kind: v.literal("cidr"), cidr: Text }),
    v.strictObject({ kind: v.literal("group"), id: Text }),
    v.strictObject({ kind: v.literal("prefix-list"), id: Text }),
  ]),
});
const Entry = v.strictObject({
  number: v.number(),
  direction: v.picklist(["egress", "ingress"]),
  action: v.picklist(["allow", "deny"]),
  protocol: Text,
  cidr: Text,
  fromPort: v.optional(v.number()),
  toPort: v.optional(v.number()),
  icmpType: v.optional(v.number()),
  icmpCode: v.optional(v.number()),
});
const Route = v.strictObject({
  destination: Text,
  target: v.strictObject({
    kind: v.picklist(["local", "internet-gateway", "peering", "interface", "other"]),
    id: Text,
  }),
  state: v.picklist(["active", "blackhole"]),
  propagated: v.optional(v.boolean()),
});

const Tables = v.strictObject({
  vpcs: v.array(
    v.strictObject({ id: Text, account: Text, region: Text, cidrs: Texts, internetGatewayBlock: Block }),
  ),
  subnets: v.array(
    v.strictObject({
      id: Text,
      vpc: Text,
      cidrs: Texts,
      zone: Text,
      internetGatewayBlock: v.optional(Block),
    }),
  ),
  routeTables: v.array(
    v.strictObject({
      id: Text,
      vpc: Text,
      main: v.boolean(),
      subnets: Texts,
      gateways: v.optional(Texts),
      routes: v.array(Route),
    }),
  ),
  internetGateways: v.array(v.strictObject({ id: Text, vpc: v.optional(Text) })),
  peerings: v.array(v.strictObject({ id: Text, status: Text, requester: Side, accepter: Side })),
  securityGroups: v.array(
    v.strictObject({ id: Text, vpc: Text, ingress: v.array(Rule), egress: v.array(Rule) }),
  ),
  networkAcls: v.array(v.strictObject({ id: Text, vpc: Text, subnets: Texts, entries: v.array(Entry) })),
  interfaces: v.array(
    v.strictObject({
      id: Text,
      vpc: Text,
      subnet: Text,
      instance: v.optional(Text),
      status: v.optional(Text),
      addresses: v.array(v.strictObject({ private: Text, public: v.optional(Text) })),
      groups: Texts,
      sourceDestCheck: v.boolean(),
    }),
  ),
  instances: v.array(v.strictObject({ id: Text, state: Text })),
  prefixLists: v.array(v.strictObject({ id: Text, cidrs: Texts })),
});

const SnapshotFile = v.strictObject({
  peerctlSnapshot: v.literal(version),
  tags: v.optional(v.record(Text, v.record(Text, Text))),
  tables: Tables,
});

/**
 * Writes what a question can be asked of later, elsewhere: ids, addresses and rules. Tags (names are tags) and account
 * numbers only where asked for; without, each account gets a number that says no more than which are the same.
 */
export async function saveSnapshot(
  path: string,
  { snapshot, tags }: Reading,
  { withTags, withAccounts }: { withTags: boolean; withAccounts: boolean },
): Promise<void> {
  const tables = withAccounts ? snapshot : withoutAccounts(snapshot);
  const content: v.InferOutput<typeof SnapshotFile> = {
    peerctlSnapshot: version,
    ...(withTags && { tags: tags as Record<string, Record<string, string>> }),
    tables,
  };
  try {
    await writeFile(path, `${JSON.stringify(content, null, 1)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new UserError(`cannot write ${path}: ${describeCause(cause)}`, "name another file: --save FILE", {
      cause,
    });
  }
}

/** Throws UserError for what is no snapshot, or one of a newer peerctl. */
export async function loadSnapshot(path: string): Promise<Reading> {
  const remedy = "make one with: peerctl doctor --save FILE";
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new UserError(`cannot read the snapshot ${path}: ${describeCause(cause)}`, remedy, { cause });
  }
  const marked = v.safeParse(v.object({ peerctlSnapshot: v.number() }), content);
  if (!marked.success) throw new UserError(`${path} is not a snapshot of peerctl`, remedy);
  if (marked.output.peerctlSnapshot > version) {
    throw new UserError(
      `${path} is a snapshot of a newer peerctl (version ${marked.output.peerctlSnapshot}; this one knows ${version})`,
      "update peerctl: npm install --global peerctl@latest",
    );
  }
  const parsed = v.safeParse(SnapshotFile, content);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UserError(
      `the snapshot ${path} is damaged: ${v.getDotPath(issue) ?? "its content"}: ${issue.message}`,
      remedy,
    );
  }
  return { snapshot: parsed.output.tables, tags: parsed.output.tags ?? {} };
}

function withoutAccounts(snapshot: Snapshot): Snapshot {
  const known = new Map<string, string>();
  const hide = <Row extends { account: string }>(row: Row): Row => {
    const account = known.get(row.account) ?? String(known.size + 1).padStart(12, "0");
    known.set(row.account, account);
    return { ...row, account };
  };
  return {
    ...snapshot,
    vpcs: snapshot.vpcs.map(hide),
    peerings: snapshot.peerings.map((peering) => ({
      ...peering,
      requester: hide(peering.requester),
      accepter: hide(peering.accepter),
    })),
  };
}
