import { createVpcs } from "./create-vpcs.ts";
import { eip } from "./eip.ts";
import { launch } from "./launch.ts";
import { openIcmp } from "./open-icmp.ts";
import { peer } from "./peer.ts";
import { route } from "./route.ts";
import type { Step, StepName } from "./step.ts";

/** All steps, in the order of the tutorial. */
export const steps: readonly Step[] = [createVpcs, peer, route, launch, eip, openIcmp];

export function stepNamed(name: string): Step | undefined {
  return steps.find((step) => step.name === name);
}

/** The subcommand that makes this type of key. */
export function makerOf(type: string): StepName {
  const maker = steps.find(({ makes }) => makes.includes(type));
  if (!maker) throw new Error(`no step makes ${type}`);
  return maker.name;
}

/** The named steps and all that rest on them: what has to go if they go. */
export function withDependents(names: readonly StepName[]): Step[] {
  const going = new Set<StepName>(names);
  // `steps` is in an order in which each step comes after what it needs.
  for (const step of steps) if (step.needs.some((need) => going.has(need))) going.add(step.name);
  return steps.filter(({ name }) => going.has(name));
}

/** The types of key that these steps make. */
export function makesOf(some: readonly Step[]): Set<string> {
  return new Set(some.flatMap(({ makes }) => makes));
}
