import { rm } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import type { Lock } from "./lock.ts";
import type { IntentRecord, ResourceRecord, State } from "./schema.ts";
import { cannotWrite, groupCommit, syncFolderOf } from "./write.ts";

/**
 * The state file in use: what is wanted, what was made, what was begun. Reads are of memory; each change resolves when it
 * is on the disk (changes that come together share one write), so a caller that awaits it may go on as if it could not be
 * lost. When the disk fails, the change and all later ones reject with a UserError.
 */
export interface StateStore {
  readonly path: string;
  /** Whether there was no file when the lock was taken, so that this opening began it. */
  readonly isNew: boolean;
  /** The state as of now; a live view, not a copy. Never change it directly. */
  readonly state: Readonly<State>;
  get(key: string): ResourceRecord | undefined;
  intent(key: string): IntentRecord | undefined;
  /**
   * Writes down that `key` is about to be made; resolves with the generation for its ClientToken. An intent that a run
   * before left behind goes on under its own generation, so that the same token finds what that run made; `forget` it
   * first to make the key anew. Rejects for a key that is recorded: its id would be lost.
   */
  begin(key: string, step: string): Promise<number>;
  /**
   * Writes down, in one change, that what is recorded under `key` is gone and that it is about to be made anew, under the
   * next generation.
   */
  renew(key: string, step: string): Promise<number>;
  /** Writes down the id of `key`, and ends its intent. Rejects for a key that is recorded under another id. */
  record(key: string, resource: Omit<ResourceRecord, "madeAt" | "type">): Promise<void>;
  /** Adds attributes to a recorded resource. */
  annotate(key: string, attributes: Record<string, string>): Promise<void>;
  /** Removes `key`, its intent and its host key. Its generation stays, so that a ClientToken is never used again. */
  forget(key: string): Promise<void>;
  /**
   * Writes down that a removal sets about these keys, before its first delete; those that it was still about before stay.
   * A key is no more among them once it is recorded anew.
   */
  leave(keys: readonly string[]): Promise<void>;
  /** Writes down that these keys are there after all; nothing where no removal was about them. */
  stay(keys: readonly string[]): Promise<void>;
  pinHostKey(instanceId: string, fingerprint: string): Promise<void>;
  /** Waits for what is being written, and gives the lock back. Rejects, the lock given back, if the disk failed. */
  close(): Promise<void>;
  /**
   * Removes the file (the stack is gone) and gives the lock back. Rejects where a resource or an intent is left: the file
   * then stays, and the lock is given back too.
   */
  destroy(): Promise<void>;
}

interface Opened {
  path: string;
  state: State;
  isNew: boolean;
  lock: Lock;
  clock: Clock;
  /** Replaces the file's text, durably. */
  write: (path: string, text: string) => Promise<void>;
}

/** The store of an open, locked file with this content. */
export function stateStore({ path, state, isNew, lock, clock, write }: Opened): StateStore {
  const disk = groupCommit(() => write(path, serialise(state)));
  let closed = false;

  /** Every change is made at once and completely, and then awaits the disk: what is written is always a moment's whole. */
  const change = (edit: () => void): Promise<void> => {
    if (closed) throw new Error(`${path} is closed`);
    edit();
    return disk.commit();
  };
  const now = () => new Date(clock.now()).toISOString();
  const drop = (key: string) => {
    const made = state.resources[key];
    if (made) delete state.hostKeys[made.id];
    delete state.resources[key];
    delete state.intents[key];
  };
  const keepLeaving = (isLeaving: (key: string) => boolean) => {
    const keys = state.leaving?.keys.filter(isLeaving) ?? [];
    if (state.leaving && keys.length > 0) state.leaving.keys = keys;
    else delete state.leaving;
  };

  return {
    path,
    isNew,
    state,
    get: (key) => state.resources[key],
    intent: (key) => state.intents[key],
    async begin(key, step) {
      const made = state.resources[key];
      if (made) throw new Error(`${key} is ${made.id}: forget it before it is made anew`);
      const generation = state.intents[key]?.generation ?? (state.generations[key] ?? 0) + 1;
      await change(() => {
        state.intents[key] = { step, at: now(), generation };
        state.generations[key] = generation;
      });
      return generation;
    },
    async renew(key, step) {
      const generation = (state.generations[key] ?? 0) + 1;
      await change(() => {
        drop(key);
        state.intents[key] = { step, at: now(), generation };
        state.generations[key] = generation;
      });
      return generation;
    },
    async record(key, { id, step, attributes }) {
      const made = state.resources[key];
      if (made && made.id !== id) throw new Error(`${key} is ${made.id}: forget it before it becomes ${id}`);
      await change(() => {
        const madeAt = made?.madeAt ?? now();
        state.resources[key] = {
          id,
          type: key.split("/", 1)[0] ?? key,
          step,
          madeAt,
          attributes: { ...attributes },
        };
        delete state.intents[key];
        keepLeaving((each) => each !== key);
      });
    },
    async annotate(key, attributes) {
      const made = state.resources[key];
      if (!made) throw new Error(`${key} is not recorded`);
      await change(() => Object.assign(made.attributes, attributes));
    },
    async forget(key) {
      await change(() => {
        drop(key);
        if (state.leaving?.keys.includes(key)) state.leaving.at = now();
      });
    },
    async leave(keys) {
      await change(() => {
        state.leaving = { at: now(), keys: [...new Set([...(state.leaving?.keys ?? []), ...keys])] };
      });
    },
    async stay(keys) {
      if (keys.some((key) => state.leaving?.keys.includes(key)))
        await change(() => keepLeaving((each) => !keys.includes(each)));
    },
    async pinHostKey(instanceId, fingerprint) {
      await change(() => {
        state.hostKeys[instanceId] = fingerprint;
      });
    },
    async close() {
      closed = true;
      try {
        await disk.idle();
      } finally {
        lock.release();
      }
    },
    async destroy() {
      closed = true;
      try {
        const left = [...Object.keys(state.resources), ...Object.keys(state.intents)];
        if (left.length > 0) throw new Error(`${path} still has ${left.join(", ")}`);
        await disk.idle();
        await remove(path);
      } finally {
        lock.release();
      }
    },
  };
}

/** The file's text: for people to read, and to compare. */
export function serialise(state: State): string {
  return `${JSON.stringify(state, undefined, 2)}\n`;
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await syncFolderOf(path);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
