import { copyFileSync, existsSync, renameSync, rmSync } from "node:fs";
import { expect } from "vitest";
import { Interrupted } from "../../../src/errors.ts";
import type { Act } from "./acts.ts";
import { meddle } from "./meddling.ts";
import { peerctl, startChild } from "./peerctl.ts";
import type { Place } from "./place.ts";
import { removeTheirs } from "./theirs.ts";

/** Lets it happen. What peerctl answers is its own affair here: what counts is what stands. */
export async function play(place: Place, flags: string[], act: Act): Promise<void> {
  const full = (args: readonly string[]) =>
    ["teardown", "down", "doctor"].includes(args[0]!) ? [...args] : [...args, ...flags];
  if (act.kind === "run") await peerctl(place, full(act.args));
  else if (act.kind === "fault") {
    const { fault, nth, times } = act;
    const each = Array.from({ length: times }, (_, n) => ({ action: "*", nth: nth + n, fault, ms: 2000 }));
    await place.faults(each);
    await peerctl(place, full(act.args));
    await place.faults([]);
    // What is on its way gets there before the next act, as each act is looked at when it is over.
    if (fault === "late-before") await place.clock.sleep(2500);
  } else if (act.kind === "crash") await cutOff(place, full(act.args), act, true);
  else if (act.kind === "interrupt") await cutOff(place, full(act.args), act, false);
  else if (act.kind === "write") await startChild(place, full(act.args), `${act.nth} ${act.how}`).ended;
  else if (act.kind === "two") {
    await Promise.all([startChild(place, full(act.args)).ended, peerctl(place, full(act.others))]);
  } else if (act.kind === "meddle") {
    await meddle(place, act.how, act.pick);
    // Of a change that is not its own, peerctl can know no sooner than AWS shows it.
    await place.clock.sleep(place.lab.world.profile.describeLag);
  } else if (existsSync(place.statePath)) await loseTheFile(place, flags);
}

async function loseTheFile(place: Place, flags: string[]): Promise<void> {
  rmSync(place.statePath);
  const { code, stderr } = await peerctl(place, ["recover", ...flags]);
  if (code === 0) return;
  // No stack, or no VPC of it, is nothing to recover; what little there is goes by name.
  await removeTheirs(place);
  const down = await peerctl(place, ["down", "--name", "peerctl"]);
  expect(down.code, `${stderr}\n${down.stderr}`).toBe(0);
}

/**
 * Ends the run while that call hangs. For good, it is as with kill -9, within this process: the state file is taken away and
 * everything that the run does from then on goes to a file that nobody reads; its lock, as that of a process that ended,
 * is no more. Else it is as with Ctrl-C.
 */
async function cutOff(
  place: Place,
  args: string[],
  { action = "*", nth, side }: { action?: string; nth: number; side: "before" | "after" },
  forGood: boolean,
) {
  await place.faults([{ action, nth, fault: `hang-${side}` }]);
  const seen = place.lab.log.entries.length;
  const abort = new AbortController();
  const saved = `${place.folder}/at-the-crash`;
  const ended = peerctl(place, args, { signal: abort.signal });
  let over = false;
  void ended.finally(() => {
    over = true;
  });
  const held = () => place.lab.log.entries.slice(seen).some(({ fault }) => fault?.startsWith("hang-"));
  while (!over && !held()) await new Promise((resolve) => setTimeout(resolve, 1));
  if (held()) {
    const there = existsSync(place.statePath);
    if (there && forGood) copyFileSync(place.statePath, saved);
    abort.abort(forGood ? new Error("crashed") : new Interrupted("SIGINT"));
    // Its hanging call is cut; or it would be waited for as long as AWS itself, and the next run not come at once.
    await place.faults([]);
    await ended;
    if (forGood && there) renameSync(saved, place.statePath);
    else if (forGood) rmSync(place.statePath, { force: true });
  }
  await ended;
  await place.faults([]);
}
