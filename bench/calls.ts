import { aws as awsProfile } from "../src/lab/profile.ts";
import { bound } from "./critical-path.ts";
import { hostLab, type LabLog, logOf } from "./labs.ts";
import { place, type Went } from "./place.ts";
import { type Row, row, seconds } from "./row.ts";

const goals = [
  { what: "up", most: 36 },
  { what: "up again", most: 10 },
  { what: "down", most: 30 },
] as const;

/** With the `aws` timing, so much more is allowed for waiting. */
const forWaiting = 12;

/** How many calls the default topology takes, and with AWS's times how near it comes to what they allow. */
export async function calls(): Promise<Row[]> {
  const instant = await runAll("instant");
  const slow = await runAll("aws");
  const timing = {
    describeLag: awsProfile.describeLag,
    creation: awsProfile.lasts["instance:creation"] ?? 0,
  };
  const [up, , down] = slow;
  const bounds = [
    { what: "up", went: up!, bound: bound(up!.log, timing) },
    { what: "down", went: down!, bound: bound(down!.log, timing, up!.log) },
  ];
  return [
    ...goals.map(({ what, most }, i) => {
      const count = instant[i]!.log.calls.length;
      return row(`calls of ${what}, instant`, count, { most }, { goal: `<= ${most}`, measured: `${count}` });
    }),
    ...goals.map(({ what }, i) => {
      const more = slow[i]!.log.calls.length - instant[i]!.log.calls.length;
      return row(
        `calls of ${what}, aws timing`,
        more,
        { most: forWaiting },
        {
          goal: `<= ${forWaiting} more`,
          measured: `${more} more (${slow[i]!.log.calls.length})`,
        },
      );
    }),
    ...bounds.map(({ what, went, bound }) =>
      row(
        `critical path: ${what}, aws timing`,
        went.ms / bound.ms,
        { most: 1.1 },
        {
          goal: "<= 1.10 x the bound",
          measured: `${(went.ms / bound.ms).toFixed(2)} x (${seconds(went.ms)}, bound ${seconds(bound.ms)}: ${bound.chain.join(", ")})`,
        },
      ),
    ),
  ];
}

/** `up`, `up` again and `down` against a fresh lab, each with what the lab logged meanwhile. */
async function runAll(timing: "instant" | "aws"): Promise<(Went & { log: LabLog })[]> {
  const lab = await hostLab({ timing });
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
