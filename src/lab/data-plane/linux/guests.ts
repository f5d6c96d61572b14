import type { World } from "../../world.ts";
import { hostnameOf } from "../instance-guest.ts";
import { linksOf } from "../links.ts";
import type { Placed } from "../records.ts";
import type { GuestFacts } from "./plan.ts";

/**
 * The running instances of all accounts and Regions, as their kernels should have them. `era` tells one world from another:
 * the ids of a new one may be those of the old.
 */
export function guestsOf(world: World, era = 0): GuestFacts[] {
  const placed = [...world.tables.values()].flatMap((tables) =>
    [...tables.instances.values()].map((record): Placed => ({ record, tables })),
  );
  return placed
    .filter(({ record }) => record.instance.State?.Name === "running")
    .map((instance) => ({
      id: instance.record.instance.InstanceId ?? "",
      boot: `${era}/${instance.record.runningSince ?? 0}`,
      hostname: hostnameOf(instance),
      links: linksOf(instance),
    }));
}
