import { randomUUID } from "node:crypto";
import { bestOffer, describeOffers, wantedTypes } from "../aws/instance-types.ts";
import { liveStack } from "../aws/live.ts";
import { standingStacks } from "../aws/sweep.ts";
import { awsWords } from "../config/command-words.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { assertBelongs, emptyState, openState } from "../state/open.ts";
import { readState } from "../state/read.ts";
import { readOnlyStore } from "../state/read-only.ts";
import type { State } from "../state/schema.ts";
import type { StateStore } from "../state/store.ts";
import { makeBoard } from "../steps/board.ts";
import { makerOf } from "../steps/index.ts";
import type { Step } from "../steps/step.ts";
import { type Access, accessFor } from "./access.ts";
import { account } from "./account.ts";
import { callerAddress } from "./caller-address.ts";
import { lockWait } from "./lock-wait.ts";
import type { Run } from "./run.ts";
import { assertSameName } from "./same-name.ts";

/**
 * The context of a command that changes a stack, with its state file open and locked. Everything that can be found wrong
 * without a call is found before the first one.
 * @param running the steps that this command runs
 * @param create whether a stack may begin here
 */
export async function openStack(run: Run, running: readonly Step[], create: boolean): Promise<Context> {
  const { config, clock, signal } = run;
  const known = await readState(config.state);
  if (known) assertSameWish(config, known);
  const access = await accessFor(run);
  const { aws, region, endpoint } = access;
  let newName: Promise<void> | undefined;
  /** Both questions at once: neither answer changes anything. */
  const ask = (isNew: boolean) => {
    newName = isNew ? assertNewName(run, access) : undefined;
    // Where the account is the wrong one, that is what is told.
    newName?.catch(() => {});
    return account(aws);
  };
  const store = await openState({
    path: config.state,
    expect: { account: ask, region, endpoint },
    create: create ? { name: config.name, topology: config.topology, uuid: randomUUID() } : undefined,
    clock,
    signal,
    wait: lockWait(run),
    command: run.command,
  });
  try {
    await newName;
    // Another run may have begun the stack since the first look.
    assertSameWish(config, store.state);
    return contextOf(run, access, store, running, false);
  } catch (error) {
    await (store.isNew ? store.destroy() : store.close());
    throw error;
  }
}

/**
 * The context of a command that only looks: no lock, nothing written, no call but reads. Where there is no state file, the
 * stack is one that nothing of is made yet.
 */
export async function lookAtStack(run: Run, running: readonly Step[]): Promise<Context> {
  const { config } = run;
  const known = await readState(config.state);
  if (known) assertSameWish(config, known);
  const access = await accessFor(run);
  const { region, endpoint } = access;
  const binding = { account: await account(access.aws), region, endpoint };
  if (known) assertBelongs(known, binding, config.state);
  const wish = { name: config.name, topology: config.topology, uuid: randomUUID() };
  return lookAtState(run, access, known ?? emptyState(binding, wish), running);
}

/**
 * The same for a stack that has a state file, without asking first whose credentials these are, as AWS's rows say it:
 * `assertOwner` is to be told of the owner that they name, or undefined where there are none.
 */
export async function lookAtKnown(run: Run, known: State, running: readonly Step[]) {
  const { config } = run;
  assertSameWish(config, known);
  const access = await accessFor(run);
  const { aws, region, endpoint } = access;
  assertBelongs(known, { region, endpoint }, config.state);
  return {
    ctx: lookAtState(run, access, known, running),
    assertOwner: async (owner: string | undefined) => {
      if (owner === known.account) return;
      assertBelongs(known, { account: await account(aws), region, endpoint }, config.state);
    },
  };
}

/** The same for a state that is no file's. */
export function lookAtState(run: Run, access: Access, state: State, running: readonly Step[]): Context {
  return contextOf(run, access, readOnlyStore(run.config.state, state), running, true);
}

function contextOf(
  run: Run,
  access: Access,
  store: StateStore,
  running: readonly Step[],
  look: boolean,
): Context {
  const { config, ui, clock, signal, abort } = run;
  const { aws, region, sshProxy, consistencyMs } = access;
  const { stack, topology } = store.state;
  const offers = once(() => describeOffers(aws, wantedTypes(config.instanceType)));
  return {
    config,
    topology,
    stack,
    store,
    aws,
    live: liveStack(aws, stack.uuid),
    ui,
    clock,
    signal,
    abort,
    board: makeBoard(new Set(running.flatMap(({ makes }) => makes)), store.get, makerOf, signal),
    look,
    awsFlags: awsWords(config, region),
    sshProxy,
    consistencyMs,
    callerAddress: once(() => callerAddress(access.callerIpUrl, clock, signal)),
    offer: async (zone, full = []) => {
      const wanted = wantedTypes(config.instanceType);
      const best = bestOffer(await offers(), wanted, zone, full);
      if (best) return best;
      if (full.length > 0) {
        throw new UserError(
          `no zone of ${region} has room for ${wanted.join(", ")} now (asked: ${full.join(", ")})`,
          "run the same command again later, or name another type with --instance-type",
        );
      }
      throw new UserError(
        `${zone ?? region} offers none of the instance types ${wanted.join(", ")}`,
        "name one with --instance-type",
      );
    },
  };
}

/** Another topology for the same stack would leave behind what the first one asked for. */
function assertSameWish(config: Run["config"], state: Context["store"]["state"]): void {
  assertSameName(config, state, "use another file for another stack: --state FILE");
  const wishes = config.given.cidrs !== undefined || config.given.peerings !== undefined;
  if (wishes && JSON.stringify(config.topology) !== JSON.stringify(state.topology)) {
    throw new UserError(
      `the stack "${state.stack.name}" was begun with other VPCs or peerings`,
      "run `peerctl down` first, or use another stack: --name NAME --state FILE",
    );
  }
}

/**
 * A second stack of the same name is nearly always the first one, with its state file in another folder. One that was
 * removed a moment ago AWS may still show, which is waited for.
 */
async function assertNewName({ config, clock, signal }: Run, { aws, consistencyMs }: Access): Promise<void> {
  const { name } = config;
  const deadline = clock.now() + consistencyMs;
  for (let pause = 500; (await standingStacks(aws, name)).length > 0; pause *= 1.5) {
    if (clock.now() >= deadline) throw nameTaken(name);
    await clock.sleep(pause, signal);
  }
}

function nameTaken(name: string): UserError {
  return new UserError(
    `there is a stack named "${name}" in this account and Region, and its state file is not here`,
    `bring back its file (peerctl recover --name ${name}), remove it (peerctl down --name ${name}), or choose another name (--name)`,
  );
}

function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
