import { type LiveKind, liveStack } from "../aws/live.ts";
import { type Keys, stillThere, type Tagged } from "../aws/sweep.ts";
import type { Ui } from "../report/ui.ts";
import type { StateStore } from "../state/store.ts";
import { typeOf } from "../steps/board.ts";
import { steps as allSteps } from "../steps/index.ts";
import { startRemoval } from "../steps/removal.ts";
import { undoSteps } from "../steps/runner.ts";
import type { Step } from "../steps/step.ts";
import type { Access } from "./access.ts";
import { audit } from "./audit.ts";
import { confirmRemoval } from "./confirm.ts";
import type { Going } from "./going.ts";
import { ownedBy } from "./owned.ts";
import type { Run } from "./run.ts";
import { type Place, settledAt, shownByTag, untilSettled } from "./shown-by-tag.ts";

/** One stack's removal, looked into and not begun. */
interface StackRemoval {
  /** What would go, found by undoing without sending, so that it is what `remove` removes. */
  wouldRemove(): Promise<Going[]>;
  /**
   * Removes it, after asking; resolves with what is left under the stack's tag. As long as something of ours turns up, it
   * goes round again.
   */
  remove(): Promise<Tagged[]>;
}

/**
 * @param steps the steps to undo, with all that rest on them
 * @param store the state file, if there is one; what is gone is forgotten there
 */
export async function stackRemoval(
  run: Run,
  access: Access,
  place: Place,
  uuid: string,
  steps: readonly Step[],
  store?: StateStore,
): Promise<StackRemoval> {
  const { aws } = access;
  const makes = new Set(steps.flatMap((step) => step.makes));
  const ours = (found: readonly Tagged[]) => ownedBy(place, found).filter(({ kind }) => makes.has(kind));
  const live = liveStack(aws, uuid);
  const settled = settledAt(place, access.consistencyMs, run.clock.now());
  const found = await shownByTag(run, access, place, uuid, settled);
  const everything = ownedBy(place, found);
  const keys: Keys = new Map(found.flatMap(({ id, key }) => (key === undefined ? [] : [[id, key]])));
  const ids = (kind: LiveKind) => new Set(everything.flatMap((each) => (each.kind === kind ? each.ids : [])));
  const standing = await stillThere(found, live);
  // Over, or too new for AWS to show that it stands.
  if (standing.length < found.length && run.clock.now() < settled) {
    await untilSettled(run, settled);
    live.refresh();
  }
  let owned = ours(await stillThere(found, live));

  const undo = (ui: Ui, dryRun: boolean) => {
    const { clock, signal, abort } = run;
    const forget = async (key: string) => (dryRun ? undefined : store?.forget(key));
    const names = steps.map(({ name }) => name);
    const removal = startRemoval({
      ...{ aws, live, ui, clock, signal, abort, owned, ids, settled, dryRun, forget },
      steps: names,
    });
    return undoSteps(removal, steps);
  };

  const wouldRemove = async () => {
    const going: Going[] = [];
    const event: Ui["event"] = ({ key, id }) => going.push({ key, ...(id !== undefined && { id }) });
    await undo({ ...run.ui, event }, true);
    return going;
  };

  const remove = async () => {
    await confirmRemoval(run, place, wouldRemove);
    for (let round = 1; ; round++) {
      await undo(run.ui, false);
      // Routes, rules and the like went with what held them; intents came to nothing, or were found by tag.
      const recorded = [...Object.keys(place.resources), ...Object.keys(place.intents)];
      await Promise.all(recorded.filter((key) => makes.has(typeOf(key))).map((key) => store?.forget(key)));
      if (steps.length < allSteps.length) return [];
      run.ui.busy("looking for what is left");
      const left = await audit(run, aws, uuid, keys);
      owned = ours(left);
      if (owned.length === 0 || round === 3) return left;
      live.refresh();
    }
  };

  return { wouldRemove, remove };
}
