import { type LiveKind, liveKinds, liveStack } from "../aws/live.ts";
import { type Keys, leftovers, liveKindOf, stacksNamed, stillThere, type Tagged } from "../aws/sweep.ts";
import { exitCode, UserError } from "../errors.ts";
import { hourlyCost, usd } from "../report/cost.ts";
import { table } from "../report/table.ts";
import { plural } from "../report/words.ts";
import { assertBelongs, openState } from "../state/open.ts";
import { readState } from "../state/read.ts";
import { readOnlyStore } from "../state/read-only.ts";
import type { State } from "../state/schema.ts";
import type { StateStore } from "../state/store.ts";
import { typeOf } from "../steps/board.ts";
import { steps as allSteps, withDependents } from "../steps/index.ts";
import { type Owned, startRemoval } from "../steps/removal.ts";
import { undoSteps } from "../steps/runner.ts";
import type { Step, StepName } from "../steps/step.ts";
import { type Access, accessFor } from "./access.ts";
import { account as accountOf } from "./account.ts";
import { confirmRemoval } from "./confirm.ts";
import type { Run } from "./run.ts";
import { type Place, shownByTag } from "./shown-by-tag.ts";

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
  steps: readonly Step[];
  /** Only say what would go. */
  dryRun: boolean;
}

async function removeKnown(run: Run, access: Access, wish: Wish, known: State): Promise<number> {
  if (run.config.given.name && run.config.name !== known.stack.name) {
    throw new UserError(
      `the state file ${run.config.state} is of the stack "${known.stack.name}", not "${run.config.name}"`,
      "name its own file: --state FILE; or one that is not there, to find the stack by its tags",
    );
  }
  const store = wish.dryRun ? await look(run, access, known) : await open(run, access);
  let emptied = false;
  try {
    const { state } = store;
    const left = await remove(run, access, state, state.stack.uuid, wish, store);
    emptied =
      !wish.dryRun && left.length === 0 && Object.keys({ ...state.resources, ...state.intents }).length === 0;
    return report(run, access, state.account, left, wish);
  } finally {
    if (emptied) await store.destroy();
    else await store.close();
  }
}

function open(
  { config, clock, signal, command }: Run,
  { aws, region, endpoint }: Access,
): Promise<StateStore> {
  const expect = { account: () => accountOf(aws), region, endpoint };
  return openState({ path: config.state, expect, clock, signal, command });
}

/** A dry run takes no lock and does not touch the file. */
async function look({ config }: Run, { aws, region, endpoint }: Access, known: State): Promise<StateStore> {
  assertBelongs(known, { account: await accountOf(aws), region, endpoint }, config.state);
  return readOnlyStore(config.state, known);
}

async function removeByName(run: Run, access: Access, wish: Wish): Promise<number> {
  const account = await accountOf(access.aws);
  const { name } = run.config;
  const uuids = await stacksNamed(access.aws, name);
  if (uuids.length === 0)
    run.ui.say(`there is no stack "${name}" here: no state file, and nothing under its tag`);
  const left: Tagged[] = [];
  for (const uuid of uuids) {
    const place = { account, region: access.region, endpoint: access.endpoint, resources: {}, intents: {} };
    left.push(...(await remove(run, access, place, uuid, wish)));
  }
  return report(run, access, account, left, wish);
}

/**
 * Removes one stack's resources; resolves with what is left under its tag. What was made only moments ago may not be shown
 * yet, so as long as something of ours turns up, it goes round again.
 */
async function remove(
  run: Run,
  access: Access,
  place: Place,
  uuid: string,
  { steps, dryRun }: Wish,
  store?: StateStore,
): Promise<Tagged[]> {
  const { aws } = access;
  const makes = new Set(steps.flatMap((step) => step.makes));
  const ours = (found: readonly Tagged[]) => ownedBy(place, found).filter(({ kind }) => makes.has(kind));
  const live = liveStack(aws, uuid);
  const found = await shownByTag(run, access, place, uuid);
  const everything = ownedBy(place, found);
  const keys: Keys = new Map(found.flatMap(({ id, key }) => (key === undefined ? [] : [[id, key]])));
  const ids = (kind: LiveKind) => new Set(everything.flatMap((each) => (each.kind === kind ? each.ids : [])));
  let owned = ours(await stillThere(found, live));
  if (dryRun) {
    const wouldRemove = owned.flatMap(({ key, ids }) => ids.map((id) => ({ key, id })));
    const lines = wouldRemove.map(({ key, id }) => [`- ${key}`, id]);
    const summary = `would remove ${plural(wouldRemove.length, "thing")}, and what is part of them`;
    run.ui.result({ wouldRemove }, [table(lines), summary].filter(Boolean).join("\n"));
    return [];
  }
  await confirmRemoval(run, place, owned);
  for (let round = 1; ; round++) {
    const removal = startRemoval({
      ...{ aws, live, ui: run.ui, clock: run.clock, signal: run.signal, abort: run.abort, owned, ids },
      steps: steps.map(({ name }) => name),
      forget: async (key) => store?.forget(key),
    });
    await undoSteps(removal, steps);
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
}

/** What the state file and the tags know of, by key. Where they disagree, both count: neither may be left behind. */
function ownedBy(place: Place, found: readonly Tagged[]): Owned[] {
  const owned = new Map<string, { kind: LiveKind; ids: Set<string> }>();
  const add = (key: string, kind: LiveKind, id: string) => {
    const known = owned.get(key) ?? { kind, ids: new Set() };
    owned.set(key, { kind, ids: known.ids.add(id) });
  };
  for (const [key, { id }] of Object.entries(place.resources)) {
    const kind = liveKinds.find((each) => each === typeOf(key));
    if (kind) add(key, kind, id);
  }
  for (const { id, resourceType, key } of found) {
    const kind = liveKindOf(resourceType);
    if (kind) add(key ?? `${kind}/${id}`, kind, id);
  }
  return [...owned].map(([key, { kind, ids }]) => ({
    key,
    kind,
    name: key.slice(key.indexOf("/") + 1),
    ids: [...ids],
  }));
}

/**
 * What is left. Volumes and interfaces go a moment after their instance, and tags after what they are on: those get a
 * minute. What a step made is reported at once, to be removed.
 */
async function audit(
  { clock, signal }: Run,
  aws: Access["aws"],
  uuid: string,
  keys: Keys,
): Promise<Tagged[]> {
  const deadline = clock.now() + 60_000;
  for (let pause = 500; ; pause *= 1.5) {
    const left = await leftovers(aws, uuid, keys);
    const passing = left.every(({ resourceType }) => !liveKindOf(resourceType));
    if (left.length === 0 || (!passing && pause > 1000) || clock.now() + pause > deadline) return left;
    await clock.sleep(pause, signal);
  }
}

function report(
  { ui }: Run,
  { aws, region }: Access,
  account: string,
  left: readonly Tagged[],
  { steps, dryRun }: Wish,
): number {
  const removed = ui.events.filter(({ what }) => what === "removed").map(({ key, id }) => ({ key, id }));
  const calls = aws.calls.length;
  if (dryRun) return exitCode.done;
  if (steps.length < allSteps.length) {
    ui.say(`removed ${removed.length} (${plural(calls, "call")})`);
    ui.result({ removed, calls }, "");
    return exitCode.done;
  }
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
  ui.result({ removed, audit, calls }, "");
  return left.length === 0 ? exitCode.done : exitCode.error;
}
