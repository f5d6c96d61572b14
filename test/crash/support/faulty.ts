import { expect } from "vitest";
import type { Fault } from "../../../src/lab/faults.ts";
import { readState } from "../../../src/state/read.ts";
import { unaccounted } from "./inventory.ts";
import { type Goal, isAt } from "./kill.ts";
import { peerctl } from "./peerctl.ts";
import type { Place } from "./place.ts";

/** One way in which a call goes wrong. */
export interface Trouble {
  name: string;
  /** What is put on the call; `times` of them in a row. */
  fault: Fault["fault"];
  times?: number;
  ms?: number;
  /** Whether the run gets over it by itself. */
  passes: boolean;
  /** Whether it strikes others along with that call: those of EC2, and the question for the caller's address. */
  any?: boolean;
  /** Whether it lasts for good, for every action. */
  all?: boolean;
  /** The actions that it can happen to, where not to all. */
  only?: RegExp;
}

const refusal = (code: string, status = 400) => ({ code, message: `${code} by the test`, status });

export const troubles: readonly Trouble[] = [
  { name: "throttled", fault: "throttle", times: 3, passes: true },
  { name: "500", fault: "error-500", passes: true },
  { name: "503", fault: "error-503", passes: true },
  { name: "dropped before", fault: "drop-before", passes: true },
  { name: "dropped after", fault: "drop-after", passes: true },
  { name: "30 s late", fault: "late", ms: 30_000, passes: true },
  { name: "never answered", fault: "hang-after", passes: true },
  { name: "truncated", fault: "truncated", passes: true },
  { name: "garbage", fault: "garbage", passes: true },
  { name: "connection refused for a moment", fault: "refuse", ms: 300, passes: true },
  // For longer than it tries; whatever is under way then is cut too, so that another call may be the one to be told.
  { name: "connection refused", fault: "refuse", ms: 20_000, passes: false, any: true },
  { name: "gone for good", fault: "drop-before", times: 1000, passes: false },
  { name: "lost for good", fault: "drop-after", times: 1000, passes: false },
  { name: "throttled for good", fault: "throttle", times: 1000, passes: false },
  { name: "all throttled for good", fault: "throttle", times: 1000, passes: false, any: true, all: true },
  { name: "expired credentials", fault: refusal("RequestExpired"), passes: false },
  {
    name: "credentials expired for good",
    fault: refusal("ExpiredToken"),
    times: 1000,
    passes: false,
    any: true,
    all: true,
  },
  { name: "access denied", fault: refusal("UnauthorizedOperation", 403), passes: false },
  { name: "quota", fault: refusal("ResourceLimitExceeded"), passes: false, only: /^(Create|Allocate|Run)/ },
  {
    name: "no capacity in one zone",
    fault: refusal("InsufficientInstanceCapacity", 500),
    passes: true,
    only: /^RunInstances$/,
  },
  {
    name: "no capacity anywhere",
    fault: refusal("InsufficientInstanceCapacity", 500),
    times: 1000,
    passes: false,
    only: /^RunInstances$/,
  },
];

/** The calls that go wrong: the `nth` of an action and, for a trouble that lasts, those after it. */
export interface Case {
  trouble: Trouble;
  action: string;
  nth: number;
  /** The how-manieth call of all it is. */
  place: number;
}

export function nameOfCase({ trouble, action, nth }: Case): string {
  return `${trouble.name}: ${action} ${nth}`;
}

function faultsOf({ trouble, action, nth, place }: Case): Fault[] {
  const { fault, times = 1, ms, all } = trouble;
  if (all) return Array.from({ length: times }, (_, n) => ({ action: "*", fault, nth: place + n }));
  if (times > 100) return [{ action, fault }];
  return Array.from({ length: times }, (_, n) => ({ action, fault, nth: nth + n, ...(ms && { ms }) }));
}

/** Runs `args` with that trouble: it comes to its goal, or ends with an error that says what to do. */
export async function runThrough(place: Place, args: readonly string[], each: Case, goal: Goal) {
  await place.faults(faultsOf(each));
  const { code, stderr } = await peerctl(place, args);
  await place.faults([]);
  const note = `${nameOfCase(each)}\n${stderr}`;
  const struck = place.lab.log.entries.some(({ fault }) => fault !== undefined);
  if (code === 0) {
    // A trouble for good may also be got over: by another call that does as well.
    isAt(place, goal, note);
    return struck;
  }
  expect(each.trouble.passes, note).toBe(false);
  // The action and the cause, and what to do.
  const errors = stderr.slice(stderr.indexOf("peerctl: ")).split("\n");
  const isCalls = errors[0]?.includes(`(${each.action})`);
  if (!isCalls) expect(each.trouble.any, note).toBe(true);
  if (each.trouble.all) expect(errors[0], note).toMatch(/\(\w+\)$/);
  expect(errors[0], note).toMatch(
    /by the test|Request limit exceeded|socket hang up|ECONNRESET|ECONNREFUSED|credentials/,
  );
  expect(errors[1], note).toMatch(/run the same command again|name another|--ssh-from/);
  await readState(place.statePath);
  if (args[0] === "up") expect(unaccounted(place), note).toEqual([]);
  return struck;
}

/** The calls of a run, each by its action and the how-manieth of that action it is. */
export function callsOf(calls: readonly { action: string }[]): Omit<Case, "trouble">[] {
  const counts = new Map<string, number>();
  return calls.map(({ action }, before) => {
    const nth = (counts.get(action) ?? 0) + 1;
    counts.set(action, nth);
    return { action, nth, place: before + 1 };
  });
}
