import { randomUUID } from "node:crypto";
import { bestOffer, describeOffers, wantedTypes } from "../aws/instance-types.ts";
import { liveStack } from "../aws/live.ts";
import { stacksNamed } from "../aws/sweep.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { openState } from "../state/open.ts";
import { readState } from "../state/read.ts";
import { makeBoard } from "../steps/board.ts";
import { makerOf } from "../steps/index.ts";
import type { Step } from "../steps/step.ts";
import { callerAddress } from "./caller-address.ts";
import { accessFor } from "./connect-run.ts";
import type { Run } from "./run.ts";

/**
 * The context of a command that makes or looks at a stack, with its state file open and locked. Everything that can be
 * found wrong without a call is found before the first one.
 * @param running the steps that this command runs
 * @param create whether a stack may begin here
 */
export async function openStack(run: Run, running: readonly Step[], create: boolean): Promise<Context> {
  const { config, ui, clock, signal, abort } = run;
  const known = await readState(config.state);
  const access = await accessFor(run);
  const { aws, region, endpoint } = access;
  const store = await openState({
    path: config.state,
    expect: { account: () => account(aws), region, endpoint },
    create: create ? { name: config.name, topology: config.topology, uuid: randomUUID() } : undefined,
    clock,
    signal,
    command: run.command,
  });
  try {
    const { stack, topology } = store.state;
    if (known) assertSameWish(config, store.state);
    else await assertNewName(aws, config.name);
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
      sshProxy: access.sshProxy,
      consistencyMs: access.consistencyMs,
      callerAddress: once(() => callerAddress(access.callerIpUrl, signal)),
      offer: async (zone) => {
        const wanted = wantedTypes(config.instanceType);
        const best = bestOffer(await offers(), wanted, zone);
        if (best) return best;
        throw new UserError(
          `${zone ?? region} offers none of the instance types ${wanted.join(", ")}`,
          "name one with --instance-type",
        );
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The account of the credentials. Throws UserError where there are none, or where they are not taken. */
export async function account(aws: Context["aws"]): Promise<string> {
  try {
    return await aws.account();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    if (name === "CredentialsProviderError" || name === "TokenProviderError") {
      throw new UserError(
        "no AWS credentials were found",
        "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`; or try it without an account: --lab",
        { cause },
      );
    }
    if (/ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|UnrecognizedClient/.test(name)) {
      throw new UserError(
        `AWS does not take these credentials: ${(cause as Error).message}`,
        "refresh them (`aws sso login`, `aws configure`), then run the same command again",
        { cause },
      );
    }
    throw cause;
  }
}

/** Another topology for the same stack would leave behind what the first one asked for. */
function assertSameWish(config: Run["config"], state: Context["store"]["state"]): void {
  const named = config.given.name !== undefined && config.name !== state.stack.name;
  if (named) {
    throw new UserError(
      `the state file ${config.state} is of the stack "${state.stack.name}", not "${config.name}"`,
      "use another file for another stack: --state FILE",
    );
  }
  const wishes = config.given.cidrs !== undefined || config.given.peerings !== undefined;
  if (wishes && JSON.stringify(config.topology) !== JSON.stringify(state.topology)) {
    throw new UserError(
      `the stack "${state.stack.name}" was begun with other VPCs or peerings`,
      "run `peerctl down` first, or use another stack: --name NAME --state FILE",
    );
  }
}

/** A second stack of the same name is nearly always the first one, with its state file in another folder. */
async function assertNewName(aws: Context["aws"], name: string): Promise<void> {
  const uuids = await stacksNamed(aws, name);
  if (uuids.length === 0) return;
  throw new UserError(
    `there is a stack named "${name}" in this account and Region, and its state file is not here`,
    `bring its file (--state FILE), remove it (peerctl down --name ${name}), or choose another name (--name)`,
  );
}

function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}
