import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { aws, instant, type Profile } from "../../src/lab/profile.ts";
import { type Act, act, topology } from "./support/acts.ts";
import { fastClock } from "./support/fast-clock.ts";
import { duplicates } from "./support/inventory.ts";
import { finishesDown, goalOf } from "./support/kill.ts";
import { theirPort } from "./support/meddling.ts";
import { play } from "./support/model.ts";
import { peerctl } from "./support/peerctl.ts";
import { openPlace, type Place } from "./support/place.ts";
import { regressions, type Story, type Time } from "./support/regressions.ts";
import { removeTheirs, theirs } from "./support/theirs.ts";

/**
 * Whatever happens to a stack (steps, undos, crashes, signals, faults, full disks, somebody else's hand, a lost file),
 * nothing of it is ever there twice; `up` then comes to what an undisturbed `up` comes to, and `down` to nothing.
 */

const seed = Number(process.env.CRASH_SEED);
const numRuns = Number(process.env.CRASH_RUNS ?? 160);
/** So many stories are told beside each other, as they mostly wait. */
const tellers = 4;

/** Five VPCs beside the default one are more than a new account may have. */
const quotas = { vpcs: 20, internetGateways: 20, elasticIps: 20 };

const lag = { ...instant, describeLag: 5000 };
const profiles: Record<Time, Profile> = {
  instant,
  aws,
  lag,
  flicker: { ...lag, flicker: true },
  stale: { ...lag, stale: true },
};

let acts = 0;
let inTheWay = 0;
afterAll(() =>
  console.log(`random stories of ${acts} acts, ${inTheWay} with others' things in the end, seed ${seed}`),
);

async function survives({ time, flags, acts: story }: Story): Promise<void> {
  const clock = fastClock(20);
  const place = await openPlace({ clock, quotas, profile: profiles[time] });
  const undisturbed = await openPlace({ clock, quotas });
  try {
    const once = await peerctl(undisturbed, ["up", ...flags]);
    expect(once.code, once.stderr).toBe(0);
    for (const each of story) {
      acts++;
      await play(place, flags, each);
      expect(duplicates(place), `after ${JSON.stringify(each)}`).toEqual([]);
    }
    const up = await peerctl(place, ["up", ...flags]);
    expect(up.code, up.stderr).toBe(0);
    expect(ownOf(place), up.stderr).toEqual(ownOf(undisturbed));
    // What it has just mended must be shown as it is before anybody compares.
    await clock.sleep(3 * profiles[time].describeLag);
    const status = await peerctl(place, ["status"]);
    // What others added is shown, and is all that there is to show.
    for (const id of theirs(place)) expect(status.stdout).toContain(id);
    expect(status.stdout).not.toMatch(/ (missing|unrecorded|not made|stopped) /);
    await leaves(place, theirs(place));
    await removeTheirs(place);
    await finishesDown(place);
  } finally {
    await Promise.all([place.close(), undisturbed.close()]);
  }
}

/** What is somebody else's has no key, or is a rule for their port. */
function ownOf(place: Place) {
  const { account, state } = goalOf(place);
  const theirRule = new RegExp(` tcp/${theirPort}\\S+`);
  return {
    account: account.filter((line) => !line.includes("?")).map((line) => line.replace(theirRule, "")),
    state,
  };
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

test.each(regressions)("$name", survives);

const story: fc.Arbitrary<Story> = fc.record({
  time: fc.constantFrom(...(Object.keys(profiles) as Time[])),
  flags: topology,
  acts: fc.array<Act>(act, { minLength: 1, maxLength: 10 }),
});

test.concurrent.each(Array.from({ length: tellers }, (_, n) => n))("random stories, teller %i", async (n) => {
  await fc.assert(fc.asyncProperty(story, survives), {
    seed: seed + n,
    numRuns: Math.ceil(numRuns / tellers),
    endOnFailure: process.env.CRASH_SHRINK === undefined,
  });
});
