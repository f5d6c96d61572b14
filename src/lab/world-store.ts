import { makeDefaultVpc } from "./default-vpc.ts";
import { seededIds } from "./ids.ts";
import type { Profile } from "./profile.ts";
import type { Quotas } from "./quotas.ts";
import type { Tables, World } from "./world.ts";

/** An empty world: accounts and Regions come into being when they are first asked for. */
export function createWorld(options: {
  profile: Profile;
  seed: number;
  /** Milliseconds since the epoch. */
  now: number;
  quotas?: Partial<Quotas>;
}): World {
  const { profile, seed, now, quotas } = options;
  return {
    now,
    tables: new Map(),
    peerings: new Map(),
    due: [],
    pushedKeys: new Map(),
    ids: seededIds(seed),
    profile,
    ...(quotas && { quotas }),
  };
}

/** The tables of an account in a Region; on first use with the default VPC that every account has there. */
export function tablesOf(world: World, account: string, region: string): Tables {
  const key = `${account}/${region}`;
  const known = world.tables.get(key);
  if (known) return known;
  const tables = emptyTables(account, region);
  world.tables.set(key, tables);
  makeDefaultVpc({ world, account, region, tables, requestId: "" });
  return tables;
}

export function emptyTables(account: string, region: string): Tables {
  return {
    account,
    region,
    vpcs: new Map(),
    vpcAttributes: new Map(),
    subnets: new Map(),
    internetGateways: new Map(),
    routeTables: new Map(),
    securityGroups: new Map(),
    securityGroupRules: new Map(),
    networkAcls: new Map(),
    networkInterfaces: new Map(),
    instances: new Map(),
    volumes: new Map(),
    addresses: new Map(),
    images: new Map(),
    tags: new Map(),
    clientTokens: new Map(),
    visibleFrom: new Map(),
  };
}
