import { stacksNamed, type Tagged } from "../aws/sweep.ts";
import { UserError } from "../errors.ts";
import { assertBelongs, openState } from "../state/open.ts";
import { readState } from "../state/read.ts";
import { readOnlyStore } from "../state/read-only.ts";
import type { State } from "../state/schema.ts";
import type { StateStore } from "../state/store.ts";
import { steps as allSteps, withDependents } from "../steps/index.ts";
import type { Step, StepName } from "../steps/step.ts";
import { type Access, accessFor } from "./access.ts";
import { account as accountOf } from "./account.ts";
import { reportAudit, reportPart } from "./audit.ts";
import { type Going, reportGoing } from "./going.ts";
import { lockWait } from "./lock-wait.ts";
import type { Run } from "./run.ts";
import { stackRemoval } from "./stack-removal.ts";

/**
 * Undoes the named steps and what rests on them, or everything. Works from the state file and by tag together; without a
 * state file by tag alone. Ends with an audit of what is left in the account.
 */
export async function teardown(run: Run, names: readonly StepName[], dryRun: boolean): Promise<number> {
  const known = await readState(run.config.state);
  const access = await accessFor(run);
  const wish = { steps: withDependents(names), dryRun };
  try {
    return known ? await removeKnown(run, access, wish, known) : await removeByName(run, access, wish);
  } finally {
    run.ui.idle();
    access.aws.close();
  }
}

interface Wish {
  /** The steps to undo, with all that rest on them. */
  steps: readonly Step[];
  /** Only say what would go. */
  dryRun: boolean;
}

async function removeKnown(run: Run, access: Access, { steps, dryRun }: Wish, known: State): Promise<number> {
  if (run.config.given.name && run.config.name !== known.stack.name) {
    throw new UserError(
      `the state file ${run.config.state} is of the stack "${known.stack.name}", not "${run.config.name}"`,
      "name its own file: --state FILE; or one that is not there, to find the stack by its tags",
    );
  }
  const store = dryRun ? await look(run, access, known) : await open(run, access);
  let emptied = false;
  try {
    const { state } = store;
    const removal = await stackRemoval(run, access, state, state.stack.uuid, steps, store);
    if (dryRun) return reportGoing(run.ui, await removal.wouldRemove());
    const left = await removal.remove();
    emptied = left.length === 0 && Object.keys({ ...state.resources, ...state.intents }).length === 0;
    return report(run, access, state.account, left, steps);
  } finally {
    if (emptied) await store.destroy();
    else await store.close();
  }
}

function open(run: Run, { aws, region, endpoint }: Access): Promise<StateStore> {
  const { config, clock, signal, command } = run;
  const expect = { account: () => accountOf(aws), region, endpoint };
  return openState({ path: config.state, expect, clock, signal, wait: lockWait(run), command });
}

/** A dry run takes no lock and does not touch the file. */
async function look({ config }: Run, { aws, region, endpoint }: Access, known: State): Promise<StateStore> {
  assertBelongs(known, { account: await accountOf(aws), region, endpoint }, config.state);
  return readOnlyStore(config.state, known);
}

async function removeByName(run: Run, access: Access, { steps, dryRun }: Wish): Promise<number> {
  const account = await accountOf(access.aws);
  const { name } = run.config;
  const uuids = await stacksNamed(access.aws, name);
  if (uuids.length === 0)
    run.ui.say(`there is no stack "${name}" here: no state file, and nothing under its tag`);
  const going: Going[] = [];
  const left: Tagged[] = [];
  for (const uuid of uuids) {
    const place = { account, region: access.region, endpoint: access.endpoint, resources: {}, intents: {} };
    const removal = await stackRemoval(run, access, place, uuid, steps);
    if (dryRun) going.push(...(await removal.wouldRemove()));
    else left.push(...(await removal.remove()));
  }
  return dryRun ? reportGoing(run.ui, going) : report(run, access, account, left, steps);
}

function report(
  run: Run,
  { aws, region }: Access,
  account: string,
  left: readonly Tagged[],
  steps: readonly Step[],
): number {
  const isPart = steps.length < allSteps.length;
  return isPart ? reportPart(run, aws) : reportAudit(run, aws, { account, region }, left);
}
