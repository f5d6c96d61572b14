import { forgetArrival, instanceArrival } from "./actions/instance-lifecycle.ts";
import { networkInterfaceArrival } from "./actions/network-interface-rows.ts";
import { peeringArrival } from "./actions/peering-states.ts";
import { subnetArrival, vpcArrival } from "./actions/vpc-arrivals.ts";
import type { Arrival } from "./transition.ts";
import type { Transition, World } from "./world.ts";

/** What each kind's transition does; the rules stand beside the kind's actions. */
const arrivals: Record<Transition["kind"], Arrival> = {
  vpc: vpcArrival,
  subnet: subnetArrival,
  peering: peeringArrival,
  instance: instanceArrival,
  "network-interface": networkInterfaceArrival,
  forget: forgetArrival,
};

/**
 * Lets everything happen that is due by `world.now`, in its order and each at its own instant, and what follows from it.
 * Says whether anything did.
 * @param onArrival told of each
 */
export function settle(world: World, onArrival?: (transition: Transition) => void): boolean {
  const now = world.now;
  let changed = false;
  for (let next = take(world, now); next; next = take(world, now)) {
    world.now = next.at;
    arrivals[next.kind](world, next);
    onArrival?.(next);
    changed = true;
  }
  world.now = now;
  return changed;
}

/** The soonest transition due by `now`, taken out; of two at one instant, the one planned first. */
function take(world: World, now: number): Transition | undefined {
  const next = soonest(world);
  if (!next || next.at > now) return undefined;
  world.due.splice(world.due.indexOf(next), 1);
  return next;
}

/** The transition that is due next, if any. */
export function soonest({ due }: World): Transition | undefined {
  let first = due[0];
  for (const each of due) if (first && each.at < first.at) first = each;
  return first;
}
