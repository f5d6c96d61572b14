import { expect, it } from "vitest";
import { doctor } from "../../src/commands/doctor.ts";
import type { State } from "../../src/state/schema.ts";
import type { StepName } from "../../src/steps/step.ts";
import { bench, stepNames } from "../support/stack.ts";
import { faults } from "./support/faults.ts";
import { shellFor } from "./support/shell.ts";

interface Answer {
  reachable: boolean;
  blockers: { leg: string; code: string }[];
  remedies: { command?: string; note?: string }[];
  calls: number;
}

it.for(faults)("$name", async ({ stack = {}, make, ask = {}, blockers, remedies, hopeless }) => {
  const { ec2, command, up, make: makeSteps, state } = await bench();
  const flags = stack === "none" ? {} : stack;
  if (stack !== "none") expect((await up({ flags })).error).toBeUndefined();
  const resources: State["resources"] = stack === "none" ? {} : (await state()).resources;
  const ends = await make({
    ec2,
    id: (key) => resources[key]!.id,
    eni: (vpc) => resources[`instance/${vpc}`]!.attributes.interface!,
  });
  const [from, to] = ends ?? [ask.from ?? "vpc-1", ask.to ?? "vpc-2"];
  const { protocol = "icmp", port } = ask;
  const question = async () => {
    const outcome = await command((run) => doctor(run, from, to, { protocol, ...(port && { port }) }));
    expect(outcome.error).toBeUndefined();
    return { ...outcome, answer: outcome.data as Answer };
  };

  const before = await question();
  expect(before.answer.blockers.map(({ leg, code }) => `${leg} ${code}`)).toEqual(blockers);
  expect(before.code).toBe(2);
  expect(before.answer.calls).toBeLessThanOrEqual(12);
  const lines = before.answer.remedies.map((each) => each.command ?? `to do: ${each.note}`);
  expect(lines).toEqual(remedies.map((pattern) => expect.stringMatching(pattern)));
  // As printed: what is in the result is what a person sees.
  for (const line of lines) expect(before.text).toContain(line);

  const shell = shellFor(ec2, async (words) => {
    const steps = words.filter((word) => stepNames.includes(word as StepName)) as StepName[];
    expect(words).toEqual(["--lab", ...steps]);
    expect((await makeSteps(steps)).error).toBeUndefined();
  });
  for (const line of lines.filter((each) => !each.startsWith("to do:"))) await shell(line);
  if (hopeless) return;

  const after = await question();
  expect(after.answer.blockers).toEqual([]);
  expect(after.code).toBe(0);
});
