import type { Aws } from "../aws/aws.ts";
import { liveKindOf, type Tagged } from "../aws/sweep.ts";
import { exitCode } from "../errors.ts";
import { hourlyCost, usd } from "../report/cost.ts";
import { plural } from "../report/words.ts";
import { type Blocked, blockedError } from "../steps/in-the-way.ts";
import type { Recorded } from "./owned.ts";
import type { Run } from "./run.ts";
import type { Removed } from "./stack-removal.ts";

/**
 * What is left. Volumes and interfaces go a moment after their instance, and tags after what they are on: those get a
 * minute. What a step made is reported at once, to be removed.
 */
export async function audit(
  { clock, signal }: Run,
  look: () => Promise<readonly Tagged[]>,
): Promise<readonly Tagged[]> {
  const deadline = clock.now() + 60_000;
  for (let pause = 500; ; pause *= 1.5) {
    const left = await look();
    const passing = left.every(({ resourceType }) => !liveKindOf(resourceType));
    if (left.length === 0 || (!passing && pause > 1000) || clock.now() + pause > deadline) return left;
    await clock.sleep(pause, signal);
  }
}

/**
 * Says what was removed and what is left; returns the exit code: something left is an error. Throws for what was blocked,
 * once all of it is told.
 */
export function reportAudit(
  { ui }: Run,
  { calls: { length: calls } }: Aws,
  { account, region }: { account: string; region: string },
  { left, blocked, notOurs }: Removed,
): number {
  const removed = removedIn(ui);
  const count = (type: string) => left.filter(({ resourceType }) => resourceType === type).length;
  const usdAnHour = hourlyCost({ instances: count("instance"), addresses: count("elastic-ip") });
  for (const { id, resourceType, key } of left)
    ui.say(`! ${resourceType} ${id} is left (${key ?? "no key"})`);
  ui.say(
    `removed ${removed.length}, and what was part of them; audit of ${region}: ${left.length} left, ${usd(usdAnHour)} an hour (${plural(calls, "call")})`,
  );
  const audit = {
    account,
    region,
    left: left.map(({ id, resourceType }) => ({ id, resourceType })),
    usdAnHour,
  };
  ui.result({ removed, blocked: blocked.map(blockedData), notOurs: notOurs.map(idData), audit, calls }, "");
  if (blocked.length > 0) throw blockedError(blocked);
  return left.length === 0 ? exitCode.done : exitCode.error;
}

/** The same where only some steps were undone, and the rest is meant to be there. */
export function reportPart(
  { ui }: Run,
  { calls: { length: calls } }: Aws,
  { blocked, notOurs }: Removed,
): number {
  const removed = removedIn(ui);
  ui.say(`removed ${removed.length} (${plural(calls, "call")})`);
  ui.result({ removed, blocked: blocked.map(blockedData), notOurs: notOurs.map(idData), calls }, "");
  if (blocked.length > 0) throw blockedError(blocked);
  return exitCode.done;
}

function blockedData({ key, id, blockers, error }: Blocked) {
  return { key, ...(id !== undefined && { id }), message: error.message, remedy: error.remedy, blockers };
}

function idData({ key, id }: Recorded) {
  return { key, id };
}

function removedIn({ events }: Run["ui"]): { key: string; id?: string }[] {
  return events
    .filter(({ what }) => what === "removed")
    .map(({ key, id }) => ({ key, ...(id !== undefined && { id }) }));
}
