import { describe, expect, test } from "vitest";
import { boot, ending } from "../../src/aws/instance-poller.ts";
import { pauseAfter, type Rhythm } from "../../src/aws/rhythm.ts";

/** A look takes so long, and shows how things are half way through, in milliseconds. */
const call = 130;

/** How many looks it takes to see what happens after `ms`, the one at once with them, and how long after it that is. */
function wait(rhythm: Rhythm, ms: number): { looks: number; late: number } {
  let looks = 1;
  let answered = call;
  for (; answered - call / 2 < ms; looks++) answered += pauseAfter(rhythm, answered) + call;
  return { looks, late: answered - ms };
}

/** The worst of all durations between two, in seconds. */
function worst(rhythm: Rhythm, from: number, to: number) {
  const all = Array.from({ length: 500 }, (_, n) => wait(rhythm, (from + ((to - from) * n) / 499) * 1000));
  return {
    looks: Math.max(...all.map(({ looks }) => looks)),
    late: Math.max(...all.map(({ late }) => late)) / 1000,
  };
}

describe.each<[string, Rhythm, [seconds: number, looks: number, late: number][]]>([
  [
    "a boot",
    boot,
    [
      [1, 2, 4.2],
      [5, 3, 2.8],
      [9, 5, 0.6],
      [10.8, 9, 0.65],
      [16, 17, 1],
      [30, 28, 2.1],
      [60, 38, 5.7],
      [120, 45, 10.2],
    ],
  ],
  [
    "an end",
    ending,
    [
      [1, 2, 4.2],
      [5, 3, 2.8],
      [9, 4, 3.4],
      [10.8, 4, 1.7],
      [16, 5, 2],
      [30, 15, 2.2],
      [60, 24, 5.8],
      [120, 31, 10.2],
    ],
  ],
])("%s", (_what, rhythm, rows) => {
  test.each(rows)("that takes %d s: at most %d looks, seen at most %d s late", (seconds, looks, late) => {
    const seen = worst(rhythm, seconds * 0.95, seconds * 1.05);
    expect(seen.looks).toBeLessThanOrEqual(looks);
    expect(seen.late).toBeLessThanOrEqual(late);
  });
});

// What the lab's `aws` timing has: `up` and `down` may make twelve calls more for waiting, `up` five of them elsewhere.
test.each<[string, Rhythm, number, number, number, number]>([
  ["a boot", boot, 9, 10.85, 7, 0.6],
  ["an end", ending, 20, 24, 12, 1.55],
])("%s of the usual kind is seen soon, and costs few calls", (_what, rhythm, from, to, more, late) => {
  const seen = worst(rhythm, from, to);
  expect(seen.looks - 1).toBeLessThanOrEqual(more);
  expect(seen.late).toBeLessThan(late);
});

test("no two looks are closer than the gap, or farther apart than the longest", () => {
  for (let waited = -5000; waited < 1_000_000; waited += 50) {
    const pause = pauseAfter(boot, waited);
    expect(pause).toBeGreaterThanOrEqual(boot.gap);
    expect(pause).toBeLessThanOrEqual(boot.longest);
  }
});
