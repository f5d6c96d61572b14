import type { Aws } from "../aws/aws.ts";
import { UserError } from "../errors.ts";
import { assertBelongs, NoStateFile, openState } from "../state/open.ts";
import { readState } from "../state/read.ts";
import { readOnlyStore } from "../state/read-only.ts";
import type { State } from "../state/schema.ts";
import type { StateStore } from "../state/store.ts";
import { steps as allSteps, makesOf, withDependents } from "../steps/index.ts";
import type { Step, StepName } from "../steps/step.ts";
import { type Access, accessFor } from "./access.ts";
import { account as accountOf } from "./account.ts";
import { reportAudit, reportPart } from "./audit.ts";
import { reportGoing } from "./going.ts";
import { lockWait } from "./lock-wait.ts";
import { namedWords, stackNamed } from "./named-stack.ts";
import type { Run } from "./run.ts";
import { assertSameName } from "./same-name.ts";
import { firstLook, settledAt } from "./shown-by-tag.ts";
import { type Removed, stackRemoval } from "./stack-removal.ts";

/** What to undo, and how. */
export interface Wish {
  /** The steps to undo; what rests on them goes too. */
  names: readonly StepName[];
  /** Only say what would go. */
  dryRun: boolean;
  /** The stack's uuid, for where there is no state file and several stacks have the name. */
  uuid?: string | undefined;
}

/**
 * Undoes the named steps and what rests on them, or everything. Works from the state file and by tag together; without a
 * state file by tag alone. Ends with an audit of what is left in the account.
 */
export async function teardown(run: Run, wish: Wish): Promise<number> {
  const known = await readState(run.config.state);
  const access = await accessFor(run);
  try {
    return known ? await removeKnown(run, access, wish, known) : await removeByName(run, access, wish);
  } finally {
    run.ui.idle();
    access.aws.close();
  }
}

async function removeKnown(run: Run, access: Access, wish: Wish, known: State): Promise<number> {
  assertSameName(
    run.config,
    known,
    "name its own file: --state FILE; or one that is not there, to find the stack by its tags",
  );
  const { uuid } = known.stack;
  if (wish.uuid !== undefined && wish.uuid !== uuid) {
    throw new UserError(
      `the state file ${run.config.state} is of the stack ${uuid}, not ${wish.uuid}`,
      "name its own file, or one that is not there: --state FILE",
    );
  }
  const steps = withDependents(wish.names);
  const store = wish.dryRun ? await look(run, access, known) : await open(run, access);
  if (!store) {
    run.ui.say("another run has removed the stack meanwhile: looking for what is left");
    return removeByName(run, access, { ...wish, uuid });
  }
  let emptied = false;
  try {
    const { state } = store;
    const settled = settledAt(state, access.consistencyMs, run.clock.now());
    const first = firstLook(access.aws, state.stack.uuid, state, makesOf(steps));
    const removal = await stackRemoval(run, access, state, first, settled, steps, store);
    if (wish.dryRun) return reportGoing(run.ui, await removal.wouldRemove());
    const removed = await removal.remove();
    emptied = removed.left.length === 0 && Object.keys({ ...state.resources, ...state.intents }).length === 0;
    return report(run, access, state.account, removed, steps);
  } finally {
    if (emptied) await store.destroy();
    else await store.close();
  }
}

/** Undefined where another `down`, for whose lock it may have waited, has removed the file. */
async function open(run: Run, { aws, region, endpoint }: Access): Promise<StateStore | undefined> {
  const { config, clock, signal, command } = run;
  const expect = { account: () => accountOf(aws), region, endpoint };
  try {
    return await openState({ path: config.state, expect, clock, signal, wait: lockWait(run), command });
  } catch (error) {
    if (error instanceof NoStateFile) return undefined;
    throw error;
  }
}

/** A dry run takes no lock and does not touch the file. */
async function look({ config }: Run, { aws, region, endpoint }: Access, known: State): Promise<StateStore> {
  assertBelongs(known, { account: await accountOf(aws), region, endpoint }, config.state);
  return readOnlyStore(config.state, known);
}

async function removeByName(run: Run, access: Access, wish: Wish): Promise<number> {
  const { ui, clock, config } = run;
  const settled = clock.now() + access.consistencyMs;
  const account = await accountOf(access.aws);
  const steps = withDependents(wish.names);
  const uuid = await stackNamed(run, access, wish.uuid, settled);
  if (uuid === undefined) {
    ui.say(
      `there is no ${namedWords(config.name, wish.uuid)} here: no state file, and nothing under its tag`,
    );
    if (wish.dryRun) return reportGoing(ui, []);
    return report(run, access, account, { left: [], blocked: [], notOurs: [] }, steps);
  }
  if (!wish.dryRun) assertMeant(run, uuid, wish);
  const { region, endpoint } = access;
  const place = { account, region, endpoint, resources: {}, intents: {} };
  const first = firstLook(access.aws, uuid, place, makesOf(steps));
  const removal = await stackRemoval(run, access, place, first, settled, steps);
  if (wish.dryRun) return reportGoing(ui, await removal.wouldRemove());
  return report(run, access, account, await removal.remove(), steps);
}

/** In a folder without a state file, the stack of the default name may be anybody's. */
function assertMeant({ config }: Run, uuid: string, wish: Wish): void {
  if (config.given.name !== undefined || wish.uuid !== undefined) return;
  throw new UserError(
    `there is no state file ${config.state}, and the stack "${config.name}" that stands here (${uuid}) may be somebody else's`,
    `name its state file: --state FILE; or, if it is the one to remove, the stack: --name ${config.name}`,
  );
}

function report(
  run: Run,
  { aws, region }: { aws: Aws; region: string },
  account: string,
  removed: Removed,
  steps: readonly Step[],
): number {
  const isPart = steps.length < allSteps.length;
  return isPart ? reportPart(run, aws, removed) : reportAudit(run, aws, { account, region }, removed);
}
