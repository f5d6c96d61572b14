import type { LiveKind } from "../aws/live.ts";
import { type Keys, leftAfter, type Tagged } from "../aws/sweep.ts";
import { takenOver } from "../aws/taken-over.ts";
import { awsWords } from "../config/command-words.ts";
import type { Ui } from "../report/ui.ts";
import type { StateStore } from "../state/store.ts";
import { typeOf } from "../steps/board.ts";
import type { Blocked } from "../steps/in-the-way.ts";
import { steps as allSteps, makesOf } from "../steps/index.ts";
import { startRemoval } from "../steps/removal.ts";
import { undoSteps } from "../steps/runner.ts";
import type { Step } from "../steps/step.ts";
import type { Access } from "./access.ts";
import { audit } from "./audit.ts";
import { confirmRemoval } from "./confirm.ts";
import type { Going } from "./going.ts";
import { ownedBy, type Recorded, recordedIn } from "./owned.ts";
import type { Run } from "./run.ts";
import { type FirstLook, type Place, shownByTag } from "./shown-by-tag.ts";

/** What a removal came to. */
export interface Removed {
  /** What stands under the stack's tag; empty where only some steps were undone, as the rest is meant to be there. */
  left: readonly Tagged[];
  /** What could not go because something of others is in the way. */
  blocked: readonly Blocked[];
  /** What is on record and does not carry the stack's tag any more: it stays, and is not this stack's business. */
  notOurs: readonly Recorded[];
}

/** One stack's removal, looked into and not begun. */
interface StackRemoval {
  /** What would go, found by undoing without sending, so that it is what `remove` removes. */
  wouldRemove(): Promise<Going[]>;
  /** Removes it, after asking. As long as something of ours turns up that nothing blocks, it goes round again. */
  remove(): Promise<Removed>;
}

/**
 * @param look the first look at the stack, under way
 * @param settled from when on, in milliseconds since the epoch, AWS shows all that was made
 * @param steps the steps to undo, with all that rest on them
 * @param store the state file, if there is one; what is gone is forgotten there
 */
export async function stackRemoval(
  run: Run,
  { aws }: Access,
  place: Place,
  look: FirstLook,
  settled: number,
  steps: readonly Step[],
  store?: StateStore,
): Promise<StackRemoval> {
  const { uuid, live } = look;
  const makes = makesOf(steps);
  const { shown, standing } = await shownByTag(run, aws, look, place, settled);
  const seen = new Set(shown.map(({ id }) => id));
  const unseen = recordedIn(place).filter(({ id }) => !seen.has(id));
  const taken = await takenOver(aws, uuid, unseen);
  const notOurs = unseen.filter(({ id }) => taken.has(id));
  for (const { key, id } of notOurs)
    run.ui.say(`! ${key} ${id} does not carry the stack's tag any more: it is not ours, and stays`);

  const ofOurs = (found: readonly Tagged[]) =>
    ownedBy(
      recordedIn(place).filter(({ id }) => !taken.has(id)),
      found,
    );
  const going = (found: readonly Tagged[]) => ofOurs(found).filter(({ kind }) => makes.has(kind));
  const everything = ofOurs(shown);
  const keys: Keys = new Map(shown.flatMap(({ id, key }) => (key === undefined ? [] : [[id, key]])));
  const ids = (kind: LiveKind) => new Set(everything.flatMap((each) => (each.kind === kind ? each.ids : [])));
  const gone = new Set<string>();
  let owned = going(standing);

  const undo = (ui: Ui, dryRun: boolean) => {
    const { clock, signal, abort } = run;
    const forget = async (key: string) => (dryRun ? undefined : store?.forget(key));
    const awsFlags = awsWords(run.config, place.region);
    const removal = startRemoval({
      ...{ aws, live, uuid, awsFlags, ui, clock, signal, abort, owned, ids, settled, dryRun, forget },
      steps: steps.map(({ name }) => name),
    });
    return undoSteps(removal, steps);
  };

  const wouldRemove = async () => {
    const would: Going[] = [];
    const event: Ui["event"] = ({ key, id }) => would.push({ key, ...(id !== undefined && { id }) });
    await undo({ ...run.ui, event }, true);
    return would;
  };

  /** For a run after this one, should this one be cut off. */
  const setAbout = (store: StateStore) => {
    const known = [...Object.keys(store.state.resources), ...Object.keys(store.state.intents)];
    const keys = [...known, ...owned.map(({ key }) => key)].filter((key) => makes.has(typeOf(key)));
    // What was begun and goes now must not come back as the answer to its ClientToken.
    const begun = Object.entries(store.state.intents).filter(([key]) => makes.has(typeOf(key)));
    return Promise.all([store.leave(keys), ...begun.map(([key, { step }]) => store.renew(key, step))]);
  };

  const remove = async () => {
    await confirmRemoval(run, place, wouldRemove);
    await (store && setAbout(store));
    const event: Ui["event"] = (each) => {
      if (each.what === "removed" && each.id !== undefined) gone.add(each.id);
      run.ui.event(each);
    };
    for (let round = 1; ; round++) {
      const blocked = await undo({ ...run.ui, event }, false);
      // Routes, rules and the like went with what held them; intents came to nothing, or were found by tag.
      const recorded = [...Object.keys(place.resources), ...Object.keys(place.intents)];
      if (blocked.length === 0)
        await Promise.all(recorded.filter((key) => makes.has(typeOf(key))).map((key) => store?.forget(key)));
      else await store?.stay(Object.keys(store.state.resources));
      if (steps.length < allSteps.length) return { left: [], blocked, notOurs };
      run.ui.busy("looking for what is left");
      const left = await audit(run, () => leftAfter(aws, uuid, keys, gone));
      owned = going(left);
      if (blocked.length > 0 || owned.length === 0 || round === 3) return { left, blocked, notOurs };
      live.refresh();
    }
  };

  return { wouldRemove, remove };
}
