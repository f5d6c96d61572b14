import { worldFrom, worldText } from "./persist.ts";
import type { World } from "./world.ts";

/** What the tables said a while ago, for a Describe that is answered by a server which has not caught up. */
export interface Hindsight {
  /** Notes what the world has come to; to be called after each change. */
  note(world: World): void;
  /**
   * The world as Describe shows it: as it was `describeLag` ago or, where it flickers, at any moment since, by chance. What
   * was deleted meanwhile is still there, what was changed is as it was.
   */
  shown(world: World): World;
}

interface Past {
  /** Milliseconds since the epoch: from when on it was so. */
  from: number;
  text: string;
  world?: World;
}

export function createHindsight(): Hindsight {
  let past: Past[] = [];
  return {
    note: (world) => {
      const horizon = world.now - world.profile.describeLag;
      // Of those that are older than the lag, the newest is still shown.
      past = past.filter((_, n) => (past[n + 1]?.from ?? Infinity) > horizon);
      past.push({ from: world.now, text: worldText(world) });
    },
    shown: (world) => {
      const { describeLag, flicker } = world.profile;
      const lag = flicker ? world.ids.number(describeLag + 1) : describeLag;
      const then = past.findLast(({ from }) => from <= world.now - lag) ?? past[0];
      if (!then || then === past.at(-1)) return world;
      then.world ??= worldFrom(then.text, world);
      return Object.assign(then.world, { now: world.now });
    },
  };
}
