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

/** How long boots and ends take is the seed's to say; and which of two calls is first may be chance. The worst counts. */
const seeds = [1, 2, 3, 4, 5];

/**
 * The seeds' runs go side by side, as they wait nearly all of the time; each begins this much later, in milliseconds, so
 * that they do not start processes at once.
 */
const stagger = 2500;

const timing = { describeLag: awsProfile.describeLag, creation: awsProfile.lasts["instance:creation"] ?? 0 };

/** How many calls the default topology takes, and with AWS's times how near it comes to what they allow. */
export async function calls(): Promise<Row[]> {
  const instant: Run[] = [];
  for (const seed of seeds) instant.push(await runAll("instant", seed));
  // All of them to their end, so that each stops its lab even where another one failed.
  const ended = await Promise.allSettled(
    seeds.map(async (seed, n) => {
      await sleep(n * stagger);
      return runAll("aws", seed);
    }),
  );
  const slow = ended.map((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  });
  return [
    ...goals.map(({ what, most }, i) => {
      const { worst, middle } = countsOf(instant, i);
      const measured = `${worst}; median of ${seeds.length} runs ${middle}`;
      return row(`calls of ${what}, instant`, worst, { most }, { goal: `<= ${most}`, measured });
    }),
    ...goals.map(({ what }, i) => {
      const { worst, middle } = countsOf(slow, i);
      // Beside the fewest that it takes where nothing has to be waited for.
      const more = worst - countsOf(instant, i).least;
      const measured = `${more} more (${worst}; median of ${seeds.length} seeds ${middle})`;
      const goal = `<= ${forWaiting} more`;
      return row(`calls of ${what}, aws timing`, more, { most: forWaiting }, { goal, measured });
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

function countsOf(runs: readonly Run[], part: number): { least: number; middle: number; worst: number } {
  const counts = runs.map((parts) => parts[part]!.log.calls.length);
  return { least: Math.min(...counts), middle: median(counts), worst: Math.max(...counts) };
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

/** `up`, `up` again and `down`, each with what the lab logged meanwhile. */
type Run = (Went & { log: LabLog })[];

/** Against a fresh lab. */
async function runAll(timing: "instant" | "aws", seed: number): Promise<Run> {
  const lab = await hostLab({ timing, seed });
  const at = place(lab.env);
  try {
    const all: Run = [];
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
