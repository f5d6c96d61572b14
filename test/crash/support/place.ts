import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../../src/clock.ts";
import { systemClock } from "../../../src/clock.ts";
import { modelDataPlane } from "../../../src/lab/data-plane/model.ts";
import type { Fault } from "../../../src/lab/faults.ts";
import { instant, type Profile } from "../../../src/lab/profile.ts";
import type { Quotas } from "../../../src/lab/quotas.ts";
import { type Lab, startLab } from "../../../src/lab/server.ts";
import { compileCache } from "../../support/compile-cache.ts";

/** A folder with a state file and a lab of its own: where one case plays. */
export interface Place {
  readonly folder: string;
  readonly statePath: string;
  readonly lab: Lab;
  /** The lab's time, which is that of peerctl too. */
  readonly clock: Clock;
  /** The faults that have struck, as their calls came in. */
  readonly struck: readonly Fault[];
  /** For peerctl, in this process or in one of its own: nothing of the person who runs the test comes through. */
  readonly env: NodeJS.ProcessEnv;
  faults(list: readonly Fault[]): Promise<void>;
  /** What is in the folder beside the lab. */
  files(): string[];
  close(): Promise<void>;
}

export interface PlaceOptions {
  /** Begin with a copy of what is there: state file and lab. That place must be closed. */
  copyOf?: string;
  /** Keep the lab's tables in the folder, so that it can be copied. */
  keep?: boolean;
  clock?: Clock;
  profile?: Profile;
  seed?: number;
  quotas?: Partial<Quotas>;
}

export async function openPlace(options: PlaceOptions = {}): Promise<Place> {
  const { copyOf, keep, clock = systemClock, profile = instant, seed = 1, quotas } = options;
  const folder = mkdtempSync(join(tmpdir(), "peerctl-crash-"));
  const labFolder = join(folder, "lab");
  const struck: Fault[] = [];
  if (copyOf) cpSync(copyOf, folder, { recursive: true });
  mkdirSync(labFolder, { recursive: true });
  const lab = await startLab({
    clock,
    profile,
    seed,
    quotas,
    onFault: (fault) => struck.push(fault),
    dataPlane: modelDataPlane({ clock, seed }),
    ...((keep || copyOf) && { dir: labFolder }),
  });
  // By this file `--lab` finds it.
  writeFileSync(join(labFolder, "url"), `${lab.url}\n`);
  return {
    folder,
    statePath: join(folder, "peerctl.state.json"),
    lab,
    clock,
    struck,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CACHE_HOME: compileCache,
      PEERCTL_LAB: "1",
      PEERCTL_LAB_DIR: labFolder,
    },
    faults: async (list) => {
      const answer = await untilListening(() =>
        fetch(`${lab.url}/_lab/faults`, { method: "POST", body: JSON.stringify(list) }),
      );
      if (!answer.ok) throw new Error(await answer.text());
    },
    files: () => readdirSync(folder).filter((name) => name !== "lab"),
    close: async () => {
      await lab.stop();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A lab whose fault is to refuse connections does so for a while. */
async function untilListening<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const giveUp = performance.now() + 10_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > giveUp) throw error;
      await pause(10);
    }
  }
}
