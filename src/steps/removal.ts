import type { ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-ec2";
import type { Aws, Ec2Command } from "../aws/aws.ts";
import { blockersOf } from "../aws/blockers.ts";
import { codeOf, isNotFound } from "../aws/codes.ts";
import type { Live, LiveKind } from "../aws/live.ts";
import type { Clock } from "../clock.ts";
import { StepError, UserError } from "../errors.ts";
import type { Ui } from "../report/ui.ts";
import type { StepName } from "./step.ts";

/** All resources that stand under one logical key: one, unless something went wrong between AWS and us. */
export interface Owned {
  key: string;
  kind: LiveKind;
  /** The key's second part: the VPC's name, or `a~b`. */
  name: string;
  ids: readonly string[];
}

/**
 * Sends a deleting command. NotFound is success, unless the thing may be too new to be known: then it asks again. While
 * something that is on its way out still depends on the thing, it waits; where something else is in the way, it throws a
 * UserError that names it.
 */
type Send = <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: Ec2Command<Input, Output>,
) => Promise<void>;

/** How steps undo: what there is, when something is gone, and the one way to delete. */
export interface Removal {
  readonly aws: Aws;
  readonly live: Live;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From when on, in milliseconds since the epoch, what AWS does not show is not there: before, it may be too new. */
  readonly settled: number;
  /** Ends the run; but what is only blocked does not keep the rest from going. */
  abort(cause: unknown): void;
  /** What could not go because something of others is in the way. */
  readonly blocked: readonly StepError[];
  /** What of a kind goes in this run, by the state file and by tag together. */
  owned(kind: LiveKind): readonly Owned[];
  /** The ids of all that the stack has of a kind, whether it goes or stays; also of what is over but still shown. */
  ids(kind: LiveKind): ReadonlySet<string>;
  /** Whether that step is being undone in this run as well. */
  undoes(step: StepName): boolean;
  /** Resolves when nothing stands under `key` any more; at once where nothing did. */
  gone(key: string): Promise<void>;
  /** The keys of the stack's peerings that have this VPC at one end. */
  peeringsOf(vpc: string): string[];
  /** Deletes each id under `key`; what is gone already is fine. */
  remove<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    key: string,
    command: (id: string) => Ec2Command<Input, Output>,
  ): Promise<void>;
  /** The same, where deleting takes more than one call. */
  removeBy(key: string, work: (id: string, send: Send) => Promise<void>): Promise<void>;
  /** Deletes a part of something, such as a route. */
  removePart<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    label: string,
    command: Ec2Command<Input, Output>,
  ): Promise<void>;
  send: Send;
}

/** How long a dependency that is on its way out may take, in milliseconds: interfaces linger after a terminate. */
const patience = 180_000;

export function startRemoval(options: {
  aws: Aws;
  live: Live;
  ui: Ui;
  clock: Clock;
  signal: AbortSignal;
  settled: number;
  abort(cause: unknown): void;
  owned: readonly Owned[];
  ids(kind: LiveKind): ReadonlySet<string>;
  steps: readonly StepName[];
  /** Sends nothing that deletes, and still tells `ui` of each thing that would go. */
  dryRun: boolean;
  forget(key: string): Promise<void>;
}): Removal {
  const { aws, clock, signal, ui, dryRun } = options;
  const departures = new Map(options.owned.map(({ key }) => [key, departure(signal)]));
  const byKey = new Map(options.owned.map((each) => [each.key, each]));
  const blockedOnes: StepError[] = [];

  const failed = (subject: string, cause: unknown): unknown => {
    if (cause === signal.reason) return cause;
    if (!(cause instanceof UserError)) {
      return new StepError(
        "teardown",
        subject,
        cause,
        "mend that, then run the same command again: it goes on from here",
      );
    }
    const error = new StepError("teardown", subject, cause, cause.remedy);
    blockedOnes.push(error);
    return error;
  };

  const send: Send = async (command) => {
    if (dryRun) return;
    const began = clock.now();
    for (let pause = 500; ; pause = Math.min(5000, pause * 1.5)) {
      try {
        await aws.ec2(command);
        return;
      } catch (error) {
        if (isOver(error)) return;
        if (isUnknown(error)) {
          if (clock.now() >= options.settled) return;
        } else {
          if (!dependencies.has(codeOf(error))) throw error;
          const ours = new Set(options.owned.flatMap(({ ids }) => ids));
          const blockers = await blockersOf(aws, command.input, ours);
          if (blockers.length > 0 || clock.now() - began > patience) throw blocked(error as Error, blockers);
        }
      }
      await clock.sleep(pause, signal);
    }
  };

  async function removeBy(key: string, work: (id: string, send: Send) => Promise<void>): Promise<void> {
    for (const id of byKey.get(key)?.ids ?? []) {
      // Work may wait until the thing is gone, which in a dry run it never is.
      const worked = dryRun ? Promise.resolve() : work(id, send);
      await worked.catch((cause) => {
        const error = failed(`${key} (${id})`, cause);
        departures.get(key)?.stay(error);
        throw error;
      });
      ui.event({ what: "removed", key, id });
    }
    await options.forget(key);
    departures.get(key)?.leave();
  }

  return {
    ...options,
    abort: (cause) => {
      if (!(cause instanceof StepError && blockedOnes.includes(cause))) options.abort(cause);
    },
    blocked: blockedOnes,
    owned: (kind) => options.owned.filter((each) => each.kind === kind),
    undoes: (step) => options.steps.includes(step),
    gone: async (key) => departures.get(key)?.left,
    peeringsOf: (vpc) =>
      options.owned
        .filter(({ kind, name }) => kind === "peering" && name.split("~").includes(vpc))
        .map(({ key }) => key),
    remove: (key, command) => removeBy(key, (id) => send(command(id))),
    removeBy,
    removePart: async (label, command) => {
      await send(command).catch((error) => {
        throw failed(label, error);
      });
      ui.event({ what: "removed", key: label });
    },
    send,
  };
}

const dependencies = new Set(["DependencyViolation", "InvalidIPAddress.InUse", "IncorrectState"]);

/** A peering that is over refuses to be deleted. */
function isOver(error: unknown): boolean {
  return codeOf(error) === "InvalidStateTransition";
}

/** The thing, or what it was part of, is not there any more; or not yet, to the server that answered. */
function isUnknown(error: unknown): boolean {
  return isNotFound(error) || codeOf(error) === "Gateway.NotAttached";
}

function blocked(error: Error, blockers: readonly string[]): Error {
  if (blockers.length === 0) return error;
  return new UserError(
    `${error.message}; in the way: ${blockers.join(", ")}`,
    "these do not carry this stack's tag: remove them yourself, then run the same command again",
    { cause: error },
  );
}

/** A promise that somebody else fulfils; it rejects where the thing has to stay, and with the run. */
function departure(signal: AbortSignal) {
  let leave = () => {};
  let stay: (why: unknown) => void = () => {};
  const left = new Promise<void>((resolve, reject) => {
    leave = resolve;
    stay = reject;
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // Nobody may be waiting.
  left.catch(() => undefined);
  return { left, leave, stay };
}
