import { existsSync } from "node:fs";
import { aws } from "../../../src/lab/profile.ts";
import { fastClock } from "./fast-clock.ts";
import { finishesDown, finishesUp, type Goal } from "./kill.ts";
import type { Place } from "./place.ts";
import { lostFile, must, type Setting } from "./prepared.ts";

/** A command that changes something, and what stands before it. */
export interface Flow {
  args: string[];
  before: string[][];
}

export const whole: readonly Flow[] = [
  { args: ["up"], before: [] },
  { args: ["down"], before: [["up"]] },
];

export const parts: readonly Flow[] = [
  { args: ["create-vpcs"], before: [] },
  { args: ["peer"], before: [["create-vpcs"]] },
  { args: ["peer", "--no-accept"], before: [["create-vpcs"]] },
  { args: ["peer", "--accept"], before: [["create-vpcs"], ["peer", "--no-accept"]] },
  { args: ["peer", "--decline"], before: [["create-vpcs"], ["peer", "--no-accept"]] },
  { args: ["route"], before: [["create-vpcs"], ["peer"]] },
  { args: ["launch"], before: [["create-vpcs"]] },
  { args: ["eip"], before: [["create-vpcs"], ["launch"]] },
  { args: ["open-icmp"], before: [["create-vpcs"], ["launch"]] },
  { args: ["teardown", "peer"], before: [["up"]] },
  { args: ["teardown", "eip", "open-icmp"], before: [["up"]] },
  { args: ["doctor", "--fix"], before: [["create-vpcs"], ["peer"], ["launch"], ["eip"]] },
  { args: ["recover"], before: [["up"], lostFile] },
  { args: ["down", "--name", "peerctl"], before: [["up"], lostFile] },
];

/** How the lab's time runs: nothing takes any, or all that AWS's takes, which is met in every state that it goes through. */
export const settings: Readonly<Record<string, Setting>> = {
  "at once": {},
  "as long as AWS takes": { clock: fastClock(20), profile: aws },
};

/** Whether the command leaves everything that stands in the state file, wherever it is stopped. */
export function keepsRecord({ args: [name] }: Flow): boolean {
  return name !== "down" && name !== "recover";
}

/** After a command that was stopped, all can be brought to its goal, and then to nothing. */
export async function goesOn(place: Place, { args, before }: Flow, goal: Goal, note: string): Promise<void> {
  const isLost = before.includes(lostFile) && !existsSync(place.statePath);
  // Without its file, a stack that is half gone can only go.
  if (isLost && args[0] === "down") return finishesDown(place, note);
  if (isLost) await must(place, ["recover"]);
  await finishesUp(place, goal, note);
  await finishesDown(place, note);
}
