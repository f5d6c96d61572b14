import type { Snapshot } from "../../src/net/types.ts";
import type { Chance } from "./chance.ts";
import { filterChanges } from "./changes/filters.ts";
import { gatewayChanges } from "./changes/gateways.ts";
import { interfaceChanges } from "./changes/interfaces.ts";
import { routeChanges } from "./changes/routes.ts";
import { type Place, refused } from "./clients.ts";

const kinds = { ...routeChanges, ...filterChanges, ...interfaceChanges, ...gatewayChanges };

/**
 * So many random changes through the API, one after the other, as they happen to a network that is in use. `now` gives the
 * tables as they are. What EC2 refuses is left out. Resolves with the names of those that were made.
 */
export async function mutate(
  places: readonly Place[],
  chance: Chance,
  count: number,
  now: () => Snapshot,
): Promise<string[]> {
  const done: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const snapshot = now();
    const at = (vpc: string) => {
      const row = snapshot.vpcs.find(({ id }) => id === vpc);
      const place = places.find((each) => each.account === row?.account && each.region === row.region);
      return place!.client;
    };
    const blocks = [...snapshot.vpcs, ...snapshot.subnets].flatMap(({ cidrs }) => cidrs);
    const [name, change] = chance.pick(Object.entries(kinds));
    if (!(await refused(change({ snapshot, chance, at, blocks: [...blocks, "0.0.0.0/0"] })))) done.push(name);
  }
  return done;
}
