import type { Call } from "./action.ts";
import type { Transition, World } from "./world.ts";

/** Whose resource it is: a Call, or within an arrival the transition's own account and Region. */
export type Owner = Pick<Call, "world" | "account" | "region">;

/**
 * Plans what time will do to a resource: it goes to `to` when the state named by `while` (a key of `Profile.lasts`) has
 * lasted. With the `instant` profile that is by the next request.
 */
export function later(
  owner: Owner,
  change: Pick<Transition, "kind" | "id" | "to"> & { while: string },
): void {
  const { world, account, region } = owner;
  const lasts = world.profile.lasts[change.while] ?? 0;
  const jitter = lasts === 0 ? 0 : world.ids.number(Math.ceil(lasts / 5));
  const { kind, id, to } = change;
  world.due.push({ at: world.now + lasts + jitter, account, region, kind, id, to });
}

/** Marks a resource as just made: others see it once the profile's lag is over. */
export function lag(call: Call, id: string): void {
  if (call.world.profile.describeLag > 0) {
    call.tables.visibleFrom.set(id, call.world.now + call.world.profile.describeLag);
  }
}

/** Whether the caller sees that resource yet. */
export function isShown(call: Call, id: string): boolean {
  const { world, tables } = call;
  if ((tables.visibleFrom.get(id) ?? 0) <= world.now) return true;
  return world.profile.flicker === true && world.ids.number(2) === 0;
}

/** What happens when a transition of one kind is due. */
export type Arrival = (world: World, transition: Transition) => void;
