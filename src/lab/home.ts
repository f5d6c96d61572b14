import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { DataPlane } from "./data-plane/data-plane.ts";
import { createHindsight } from "./hindsight.ts";
import { type MadeIds, rememberMade } from "./made-ids.ts";
import { loadWorld, type Saver, saver, worldText } from "./persist.ts";
import type { Profile } from "./profile.ts";
import type { Quotas } from "./quotas.ts";
import { settle, soonest } from "./transitions.ts";
import type { Transition, World } from "./world.ts";
import { createWorld } from "./world-store.ts";

/** Where the world lives: it keeps time there, tells the data plane of changes, and writes them down. */
export interface Home {
  readonly world: World & { ids: MadeIds };
  /** The world as a call that only reads sees it: another one where the profile is `stale`. */
  seen(): World;
  /** Brings the world to the present. Says whether anything changed by itself. */
  settle(): boolean;
  /** To be called after each change: the data plane follows at once; resolves when the change is in the file. */
  changed(): Promise<void>;
  /** Begins anew with an empty world. */
  reset(): Promise<void>;
  /** Stops the clockwork and writes what is not written yet. */
  close(): Promise<void>;
}

export interface HomeOptions {
  /** The folder of the file `lab.json`; without it the world is in memory only. */
  dir?: string;
  profile: Profile;
  seed: number;
  clock: Clock;
  quotas?: Partial<Quotas>;
  dataPlane?: DataPlane;
  /** Told of what happens by itself. */
  onTransition?(transition: Transition): void;
}

/** The longest that setTimeout takes is about 24 days; looking once a minute costs nothing. */
const longestWait = 60_000;
/** With a clock that stands still (in tests) nothing falls due however often one looks. */
const shortestWait = 10;

export async function openHome(options: HomeOptions): Promise<Home> {
  const { dir, profile, seed, clock, quotas, dataPlane } = options;
  const path = dir === undefined ? undefined : join(dir, "lab.json");
  const fresh = () => createWorld({ profile, seed, now: clock.now(), quotas });
  const withMemory = (world: World) => Object.assign(world, { ids: rememberMade(world.ids) });
  const saved = path === undefined ? undefined : await loadWorld(path, { profile, quotas });
  let world = withMemory(saved ?? fresh());
  const file: Saver | undefined = path === undefined ? undefined : saver(path, () => worldText(world));
  let alarm: NodeJS.Timeout | undefined;
  let closed = false;
  let hindsight = profile.stale ? createHindsight() : undefined;

  const present = (): boolean => {
    world.now = clock.now();
    return settle(world, options.onTransition);
  };
  const changed = async (): Promise<void> => {
    hindsight?.note(world);
    dataPlane?.apply(world);
    wind();
    await file?.save();
  };
  /** What happens by itself must reach the data plane and the file even when nobody calls. */
  const wind = () => {
    clearTimeout(alarm);
    const next = soonest(world);
    if (!next || closed) return;
    const wait = Math.min(Math.max(next.at - clock.now(), shortestWait), longestWait);
    alarm = setTimeout(() => {
      if (present()) changed().catch(reportUnsaved);
      else wind();
    }, wait);
    alarm.unref();
  };

  dataPlane?.apply(world);
  hindsight?.note(world);
  wind();
  return {
    get world() {
      return world;
    },
    seen: () => hindsight?.shown(world) ?? world,
    settle: present,
    changed,
    reset: () => {
      world = withMemory(fresh());
      hindsight &&= createHindsight();
      return changed();
    },
    close: async () => {
      closed = true;
      clearTimeout(alarm);
      await file?.save();
    },
  };
}

/** Nobody waits for what the clockwork writes; the next call's own write will tell its caller if the trouble lasts. */
function reportUnsaved(cause: unknown): void {
  process.emitWarning(`the lab could not save its tables: ${(cause as Error).message}`);
}
