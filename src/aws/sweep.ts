import { DescribeTagsCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { inPortions } from "./by-id.ts";
import { type Live, type LiveKind, liveStack } from "./live.ts";
import { allPages } from "./pages.ts";
import { standing } from "./standing.ts";
import { keyTag, nameTag, ofStack, stackTag } from "./tags.ts";

/** A resource that carries a stack's tag. */
export interface Tagged {
  id: string;
  /** EC2's name for its kind, e.g. `elastic-ip`. */
  resourceType: string;
  /** Our logical key, where the tag is there. */
  key: string | undefined;
}

/** Logical keys by id, as far as they are known already. */
export type Keys = ReadonlyMap<string, string>;

/** EC2's resource types for the kinds that steps make. */
const kindOf: Readonly<Record<string, LiveKind>> = {
  vpc: "vpc",
  subnet: "subnet",
  "internet-gateway": "internet-gateway",
  "route-table": "route-table",
  "vpc-peering-connection": "peering",
  "security-group": "security-group",
  instance: "instance",
  "elastic-ip": "address",
  // As moto calls it.
  "vpc-elastic-ip": "address",
};

export function liveKindOf(resourceType: string): LiveKind | undefined {
  return kindOf[resourceType];
}

/**
 * All that carries the stack's tag, dead or alive, of every kind, found with one question for all kinds; and with one more
 * for the keys of what steps make, as far as `keys` does not know them.
 */
export async function tagged(aws: Aws, uuid: string, keys: Keys = new Map()): Promise<Tagged[]> {
  const found = new Map<string, Tagged>();
  const read = (tags: Awaited<ReturnType<typeof describeTags>>) => {
    for (const { ResourceId, ResourceType, Key, Value } of tags) {
      const known = found.get(ResourceId!) ?? {
        id: ResourceId!,
        resourceType: ResourceType!,
        key: keys.get(ResourceId!),
      };
      found.set(ResourceId!, Key === keyTag ? { ...known, key: Value } : known);
    }
  };
  read(await describeTags(aws, ofStack(uuid)));
  // AWS answers with the one tag that was asked for; some endpoints with all tags of its resource. What goes with
  // something else needs no key.
  const nameless = [...found.values()]
    .filter(({ key, resourceType }) => key === undefined && liveKindOf(resourceType))
    .map(({ id }) => id);
  const ofNameless = await inPortions(nameless, (Values) =>
    describeTags(aws, [
      { Name: "resource-id", Values },
      { Name: "key", Values: [keyTag] },
    ]),
  );
  read(ofNameless);
  return [...found.values()];
}

/** The uuids of all stacks of that name of which something stands in this account and Region. */
export async function standingStacks(aws: Aws, name: string): Promise<string[]> {
  const named = await describeTags(aws, [
    { Name: "key", Values: [nameTag] },
    { Name: "value", Values: [name] },
  ]);
  const ids = [...new Set(named.map(({ ResourceId }) => ResourceId!))];
  const tags = await inPortions(ids, (Values) =>
    describeTags(aws, [
      { Name: "resource-id", Values },
      { Name: "key", Values: [stackTag] },
    ]),
  );
  const uuids = [...new Set(tags.map(({ Value }) => Value!))];
  // Instances and peerings that are over keep their tags for a while, and are no stack.
  const left = await Promise.all(uuids.map(async (uuid) => (await leftovers(aws, uuid)).length > 0));
  return uuids.filter((_, n) => left[n]);
}

/**
 * What stands in the account under the stack's tag: shown by the tags and, by its id, by its kind's own Describe, since tags
 * can outlive what they are on (on AWS for a moment, on moto for good).
 */
export async function leftovers(aws: Aws, uuid: string, keys?: Keys): Promise<Tagged[]> {
  return thoseStanding(aws, await tagged(aws, uuid, keys));
}

/** The kinds that cost by the hour as such. */
const costly = ["instance", "address"] as const;

/**
 * The same at the end of a removal. What costs money is asked for by its own Describe as well, whatever the tags show; what
 * this removal saw go is not asked for again.
 * @param gone the ids that AWS said are deleted
 */
export async function leftAfter(
  aws: Aws,
  uuid: string,
  keys: Keys,
  gone: ReadonlySet<string>,
): Promise<Tagged[]> {
  const live = liveStack(aws, uuid);
  const [found, ...alive] = await Promise.all([
    tagged(aws, uuid, keys),
    ...costly.map(async (kind) =>
      (await live.all(kind)).map((each): Tagged => ({ ...each, resourceType: typeNames[kind] })),
    ),
  ]);
  const costs = alive.flat().filter(({ id }) => !gone.has(id));
  const sure = new Set(costs.map(({ id }) => id));
  const rest = found.filter(({ id }) => !gone.has(id) && !sure.has(id));
  return [...costs, ...(await thoseStanding(aws, rest))];
}

const typeNames = { instance: "instance", address: "elastic-ip" } as const;

async function thoseStanding(aws: Aws, found: readonly Tagged[]): Promise<Tagged[]> {
  const things = found.map(({ id, resourceType }) => ({ id, type: kindOf[resourceType] ?? resourceType }));
  const stands = await standing(aws, things);
  return found.filter(({ id }) => stands(id));
}

/** Without the instances and peerings that are over: AWS shows them, and their tags, for a while after. */
export async function stillThere(found: readonly Tagged[], live: Live): Promise<Tagged[]> {
  const lingering = new Set<LiveKind>(["instance", "peering"]);
  const kinds = new Set(found.map(({ resourceType }) => kindOf[resourceType]));
  const rows = await Promise.all([...lingering].filter((each) => kinds.has(each)).map(live.all));
  const alive = new Set(rows.flat().map(({ id }) => id));
  return found.filter(({ id, resourceType }) => {
    const kind = kindOf[resourceType];
    return !kind || !lingering.has(kind) || alive.has(id);
  });
}

function describeTags(aws: Aws, Filters: { Name: string; Values: string[] }[]) {
  return allPages(
    (NextToken) => aws.ec2(new DescribeTagsCommand({ Filters, NextToken })),
    (page) => page.Tags,
  );
}
