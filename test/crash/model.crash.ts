import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { fastClock } from "./support/fast-clock.ts";
import { finishesDown, goalOf } from "./support/kill.ts";
import { type Act, act, play, topology } from "./support/model.ts";
import { peerctl } from "./support/peerctl.ts";
import { openPlace, type Place } from "./support/place.ts";
import { removeTheirs, theirs } from "./support/theirs.ts";

/**
 * Whatever happens to a stack (steps, undos, crashes, faults, somebody else's hand, a lost file), `up` then comes to what
 * an undisturbed `up` comes to, each thing once, and `down` to nothing.
 */

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const numRuns = Number(process.env.CRASH_RUNS ?? 60);

/** Five VPCs beside the default one are more than a new account may have. */
const quotas = { vpcs: 20, internetGateways: 20 };

let acts = 0;
let inTheWay = 0;
afterAll(() =>
  console.log(
    `${numRuns} random runs of ${acts} acts, ${inTheWay} with others' things in the end, seed ${seed}`,
  ),
);

async function survives(flags: string[], story: readonly Act[]): Promise<void> {
  const clock = fastClock(20);
  const place = await openPlace({ clock, quotas });
  const undisturbed = await openPlace({ clock, quotas });
  try {
    const once = await peerctl(undisturbed, ["up", ...flags]);
    expect(once.code, once.stderr).toBe(0);
    for (const each of story) {
      acts++;
      await play(place, flags, each);
    }
    const up = await peerctl(place, ["up", ...flags]);
    expect(up.code, up.stderr).toBe(0);
    const { account, state } = goalOf(place);
    // What is somebody else's has no key.
    expect({ account: account.filter((line) => !line.includes("?")), state }).toEqual(goalOf(undisturbed));
    const status = await peerctl(place, ["status"]);
    expect(status.code, status.stdout).toBe(0);
    await leaves(place, theirs(place));
    await removeTheirs(place);
    await finishesDown(place);
  } finally {
    await Promise.all([place.close(), undisturbed.close()]);
  }
}

/** `down` goes as far as it can, names what is in its way, and leaves that alone. */
async function leaves(place: Place, others: readonly string[]): Promise<void> {
  if (others.length === 0) return;
  inTheWay++;
  const { code, stderr } = await peerctl(place, ["down"]);
  expect(code, stderr).toBe(1);
  for (const id of others) expect(stderr).toContain(id);
  expect(theirs(place)).toEqual(others);
}

test("random stories", async () => {
  await fc.assert(fc.asyncProperty(topology, fc.array(act, { minLength: 1, maxLength: 6 }), survives), {
    seed,
    numRuns,
    endOnFailure: false,
  });
});
