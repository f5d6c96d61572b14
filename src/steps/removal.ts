import type { ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-ec2";
import type { Aws, Ec2Command } from "../aws/aws.ts";
import type { Live, LiveKind } from "../aws/live.ts";
import type { Clock } from "../clock.ts";
import { StepError } from "../errors.ts";
import type { Ui } from "../report/ui.ts";
import { departure } from "./departure.ts";
import { type Blocked, InTheWay } from "./in-the-way.ts";
import { type Send, sender } from "./send-delete.ts";
import type { StepName } from "./step.ts";

/** All resources that stand under one logical key: one, unless something went wrong between AWS and us. */
export interface Owned {
  key: string;
  kind: LiveKind;
  /** The key's second part: the VPC's name, or `a~b`. */
  name: string;
  ids: readonly string[];
}

/** How steps undo: what there is, when something is gone, and the one way to delete. */
export interface Removal {
  readonly aws: Aws;
  readonly live: Live;
  /** The stack's. */
  readonly uuid: string;
  /** What a printed `aws` command ends with. */
  readonly awsFlags: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From when on, in milliseconds since the epoch, what AWS does not show is not there: before, it may be too new. */
  readonly settled: number;
  /** Ends the run; but what is only blocked does not keep the rest from going. */
  abort(cause: unknown): void;
  /** Whether this was thrown for something in `blocked`. */
  isBlocked(cause: unknown): boolean;
  /** What could not go because something of others is in the way. */
  readonly blocked: readonly Blocked[];
  /** What of a kind goes in this run, by the state file and by tag together. */
  owned(kind: LiveKind): readonly Owned[];
  /** The ids of all that the stack has of a kind, whether it goes or stays; also of what is over but still shown. */
  ids(kind: LiveKind): ReadonlySet<string>;
  /** Whether that step is being undone in this run as well. */
  undoes(step: StepName): boolean;
  /** The keys of the stack's peerings that have this VPC at one end. */
  peeringsOf(vpc: string): string[];
  /**
   * Deletes each id under `key`; what is gone already is fine, and what is blocked keeps no other id from going.
   * @param after keys that have to be gone before; where one of them has to stay, this has to stay too
   */
  remove<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    key: string,
    command: (id: string) => Ec2Command<Input, Output>,
    after?: readonly string[],
  ): Promise<void>;
  /** The same, where deleting takes more than one call. */
  removeBy(
    key: string,
    work: (id: string, send: Send) => Promise<void>,
    after?: readonly string[],
  ): Promise<void>;
  /** Deletes a part of something, such as a route. */
  removePart<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    label: string,
    command: Ec2Command<Input, Output>,
  ): Promise<void>;
  send: Send;
}

export function startRemoval(options: {
  aws: Aws;
  live: Live;
  uuid: string;
  awsFlags: string;
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
  const { signal, ui, dryRun } = options;
  const departures = new Map(options.owned.map(({ key }) => [key, departure(signal)]));
  const byKey = new Map(options.owned.map((each) => [each.key, each]));
  const blocked: Blocked[] = [];
  const ours = { uuid: options.uuid, ids: new Set(options.owned.flatMap(({ ids }) => ids)) };
  const send: Send = dryRun ? async () => {} : sender({ ...options, ours });

  const failed = (key: string, id: string | undefined, cause: unknown): unknown => {
    if (cause === signal.reason) return cause;
    const subject = id === undefined ? key : `${key} (${id})`;
    if (!(cause instanceof InTheWay)) {
      const remedy = "mend that, then run the same command again: it goes on from here";
      return new StepError("teardown", subject, cause, remedy);
    }
    const error = new StepError("teardown", subject, cause, cause.remedy);
    blocked.push({ key, ...(id !== undefined && { id }), blockers: cause.blockers, error });
    return error;
  };
  const isBlocked = (cause: unknown) => blocked.some(({ error }) => error === cause);

  const removeBy: Removal["removeBy"] = async (key, work, after = []) => {
    try {
      await Promise.all(after.map((each) => departures.get(each)?.left));
    } catch (cause) {
      departures.get(key)?.stay(cause);
      throw cause;
    }
    const staying: unknown[] = [];
    for (const id of byKey.get(key)?.ids ?? []) {
      try {
        // Work may wait until the thing is gone, which in a dry run it never is.
        if (!dryRun) await work(id, send);
        ui.event({ what: "removed", key, id });
      } catch (cause) {
        staying.push(failed(key, id, cause));
        departures.get(key)?.stay(staying[0]);
        if (!isBlocked(staying.at(-1))) throw staying.at(-1);
      }
    }
    if (staying.length > 0) throw staying[0];
    await options.forget(key);
    departures.get(key)?.leave();
  };

  return {
    ...options,
    abort: (cause) => {
      if (!isBlocked(cause)) options.abort(cause);
    },
    isBlocked,
    blocked,
    owned: (kind) => options.owned.filter((each) => each.kind === kind),
    undoes: (step) => options.steps.includes(step),
    peeringsOf: (vpc) =>
      options.owned
        .filter(({ kind, name }) => kind === "peering" && name.split("~").includes(vpc))
        .map(({ key }) => key),
    remove: (key, command, after) => removeBy(key, (id) => send(command(id)), after),
    removeBy,
    removePart: async (label, command) => {
      await send(command).catch((error) => {
        throw failed(label, undefined, error);
      });
      ui.event({ what: "removed", key: label });
    },
    send,
  };
}
