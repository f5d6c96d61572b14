import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { fastClock } from "./support/fast-clock.ts";
import { finishesDown, goalOf } from "./support/kill.ts";
import { type Act, act, play, topology } from "./support/model.ts";
import { peerctl } from "./support/peerctl.ts";
import { openPlace } from "./support/place.ts";

/**
 * Whatever happens to a stack (steps, undos, crashes, faults, somebody else's hand, a lost file), `up` then comes to what
 * an undisturbed `up` comes to, each thing once, and `down` to nothing.
 */

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const numRuns = Number(process.env.CRASH_RUNS ?? 60);

/** Five VPCs beside the default one are more than a new account may have. */
const quotas = { vpcs: 20, internetGateways: 20 };

let acts = 0;
afterAll(() => console.log(`${numRuns} random runs of ${acts} acts, seed ${seed}`));

async function survives(flags: string[], story: readonly Act[]): Promise<void> {
  const clock = fastClock(20);
  const place = await openPlace({ clock, quotas });
  const undisturbed = await openPlace({ clock, quotas });
  try {
    const once = await peerctl(undisturbed, ["up", ...flags], { clock });
    expect(once.code, once.stderr).toBe(0);
    for (const each of story) {
      acts++;
      await play(place, flags, clock, each);
    }
    const up = await peerctl(place, ["up", ...flags], { clock });
    expect(up.code, up.stderr).toBe(0);
    expect(goalOf(place)).toEqual(goalOf(undisturbed));
    const status = await peerctl(place, ["status"], { clock });
    expect(status.code, status.stdout).toBe(0);
    await finishesDown(place);
  } finally {
    await Promise.all([place.close(), undisturbed.close()]);
  }
}

test("random stories", async () => {
  await fc.assert(fc.asyncProperty(topology, fc.array(act, { minLength: 1, maxLength: 6 }), survives), {
    seed,
    numRuns,
    endOnFailure: false,
  });
});
