import type { Clock } from "../../../clock.ts";
import { snapshotOf } from "../../snapshot.ts";
import type { World } from "../../world.ts";
import { type Ground, openGround } from "./ground.ts";
import { guestsOf } from "./guests.ts";
import { type Holder, HolderError } from "./holder.ts";
import type { RunningInstance } from "./instance.ts";
import { type NumberOf, planOf } from "./plan.ts";

/** Keeps a ground as the tables are: the kernel follows soon after each change, and another ground takes a broken one's place. */
export interface Follower {
  follow(world: World): void;
  /** Resolves when the kernel is as the tables were at the call; rejects where it could not be brought there. */
  settled(): Promise<void>;
  /** The ground as it is now; throws where there is none. */
  ground(): Ground;
  instance(id: string): RunningInstance | undefined;
  /** Why packets do not move, where they do not. */
  failure(): Error | undefined;
  world(): World;
  close(): Promise<void>;
}

/** On a ground that breaks, and then on a new one. */
const mostAttempts = 2;

/**
 * `first` is a holder that is there, `open` makes others. Where a script fails, no plan can be made or the holder ends, all is
 * built anew, once; after that only when it is asked to follow again.
 */
export function follower(options: {
  first: Holder;
  open: () => Holder;
  clock: Clock;
  numberOf: NumberOf;
}): Follower {
  const { open, clock, numberOf } = options;
  let fresh: Holder | undefined = options.first;
  let ground: Ground | undefined;
  let world: World;
  let era = 0;
  let following: Promise<void> | undefined;
  let stale = false;
  let attempts = 0;
  let failure: Error | undefined;
  let closed = false;
  let ending: Promise<unknown> = Promise.resolve();

  const begin = (): Ground => {
    const holder = fresh ?? open();
    fresh = undefined;
    const begun = openGround({ holder, clock, world: () => world });
    holder.ended.then(() => lose(begun, new HolderError("the process that holds the namespaces has ended")));
    return begun;
  };
  const lose = (lost: Ground | undefined, error: Error) => {
    if (closed || ground !== lost) return;
    ground = undefined;
    failure = error;
    process.emitWarning(`the Linux data plane could not follow the tables: ${error.message}`);
    ending = Promise.all([ending, lost?.close()]);
    if (attempts < mostAttempts) again();
  };
  const run = async () => {
    // What changes in one go is brought to the kernel in one go.
    await new Promise(setImmediate);
    while (stale && !closed) {
      stale = false;
      attempts += 1;
      let here = ground;
      try {
        here ??= begin();
        ground = here;
        const guests = guestsOf(world, era);
        await here.follow(planOf(snapshotOf(world), guests, numberOf), guests);
        if (ground === here) failure = undefined;
      } catch (error) {
        lose(here, error as Error);
      }
    }
  };
  const again = () => {
    stale = true;
    following ??= run().finally(() => {
      following = undefined;
      // Asked for between the last look and here.
      if (stale && !closed) again();
    });
  };

  return {
    follow: (changed) => {
      if (changed !== world) era += 1;
      world = changed;
      attempts = 0;
      again();
    },
    settled: async () => {
      while (following) await following;
      if (failure !== undefined) throw failure;
    },
    ground: () => {
      if (!ground) throw failure ?? new HolderError("there are no namespaces yet");
      return ground;
    },
    instance: (id) => ground?.instance(id),
    failure: () => failure,
    world: () => world,
    close: async () => {
      closed = true;
      await Promise.all([ending, ground?.close(), fresh?.close()]);
    },
  };
}
