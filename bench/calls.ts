import { setTimeout as sleep } from "node:timers/promises";
import { aws as awsProfile } from "../src/lab/profile.ts";
import { bound } from "./critical-path.ts";
import { hostLab, type LabLog, logOf } from "./labs.ts";
import { place, type Went } from "./place.ts";
import { median, type Row, row, seconds } from "./row.ts";

const goals = [
  { what: "up", most: 36 },
  { what: "up again", most: 10 },
  { what: "down", most: 30 },
] as const;

/** With the `aws` timing, so much more is allowed for waiting. */
const forWaiting = 12;

/** How long boots and ends take is the seed's to say, and how many looks meet them: the worst of these counts. */
const seeds = [1, 2, 3, 4, 5];

/**
 * The seeds' runs go side by side, as they wait nearly all of the time; each begins this much later, in milliseconds, so
 * that they do not start processes at once.
 */
const stagger = 2500;

const timing = { describeLag: awsProfile.describeLag, creation: awsProfile.lasts["instance:creation"] ?? 0 };

/** How many calls the default topology takes, and with AWS's times how near it comes to what they allow. */
export async function calls(): Promise<Row[]> {
  const instant = await runAll("instant", seeds[0]!);
  const slow = await Promise.all(
    seeds.map(async (seed, n) => {
      await sleep(n * stagger);
      return runAll("aws", seed);
    }),
  );
  return [
    ...goals.map(({ what, most }, i) => {
      const count = instant[i]!.log.calls.length;
      return row(`calls of ${what}, instant`, count, { most }, { goal: `<= ${most}`, measured: `${count}` });
    }),
    ...goals.map(({ what }, i) => {
      const counts = slow.map((went) => went[i]!.log.calls.length);
      const [worst, middle] = [Math.max(...counts), median(counts)];
      const more = worst - instant[i]!.log.calls.length;
      return row(
        `calls of ${what}, aws timing`,
        more,
        { most: forWaiting },
        {
          goal: `<= ${forWaiting} more`,
          measured: `${more} more (${worst}; median of ${seeds.length} seeds ${middle})`,
        },
      );
    }),
    pathRow(
      "up",
      slow.map(([up]) => ({ ms: up!.ms, bound: bound(up!.log, timing) })),
    ),
    pathRow(
      "down",
      slow.map(([up, , down]) => ({ ms: down!.ms, bound: bound(down!.log, timing, up!.log) })),
    ),
  ];
}

function pathRow(what: string, runs: readonly { ms: number; bound: ReturnType<typeof bound> }[]): Row {
  const ratio = (run: (typeof runs)[number]) => run.ms / run.bound.ms;
  const worst = runs.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
  const { ms, chain } = worst.bound;
  return row(
    `critical path: ${what}, aws timing`,
    ratio(worst),
    { most: 1.1 },
    {
      goal: "<= 1.10 x the bound",
      measured: `${ratio(worst).toFixed(2)} x (${seconds(worst.ms)}, bound ${seconds(ms)}: ${chain.join(", ")}); median of ${runs.length} seeds ${median(runs.map(ratio)).toFixed(2)} x`,
    },
  );
}

/** `up`, `up` again and `down` against a fresh lab, each with what the lab logged meanwhile. */
async function runAll(timing: "instant" | "aws", seed: number): Promise<(Went & { log: LabLog })[]> {
  const lab = await hostLab({ timing, seed });
  const at = place(lab.env);
  try {
    const all: (Went & { log: LabLog })[] = [];
    let seen = { calls: 0, transitions: 0 };
    for (const command of ["up", "up", "down"]) {
      const went = await at.succeed([command, "--yes"]);
      const { calls, transitions } = await logOf(lab.url);
      const log = { calls: calls.slice(seen.calls), transitions: transitions.slice(seen.transitions) };
      seen = { calls: calls.length, transitions: transitions.length };
      all.push({ ...went, log });
    }
    return all;
  } finally {
    await lab.stop();
    at.remove();
  }
}
