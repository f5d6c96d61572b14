import type { IntentRecord, ResourceRecord, State } from "./schema.ts";

/**
 * The state file in use: what is wanted, what was made, what was begun. Reads are of memory; each change resolves when it
 * is on the disk (changes that come together share one write), so a caller that awaits it may go on as if it could not be
 * lost.
 */
export interface StateStore {
  readonly path: string;
  /** The state as of now; a live view, not a copy. Never change it directly. */
  readonly state: Readonly<State>;
  get(key: string): ResourceRecord | undefined;
  intent(key: string): IntentRecord | undefined;
  /** Writes down that `key` is about to be made; resolves with the generation for its ClientToken. */
  begin(key: string, step: string): Promise<number>;
  /** Writes down the id of `key`, and ends its intent. */
  record(key: string, resource: Omit<ResourceRecord, "madeAt" | "type">): Promise<void>;
  /** Adds attributes to a recorded resource. */
  annotate(key: string, attributes: Record<string, string>): Promise<void>;
  /** Removes `key` and its intent. */
  forget(key: string): Promise<void>;
  pinHostKey(instanceId: string, fingerprint: string): Promise<void>;
  /** Waits for what is being written, and gives the lock back. */
  close(): Promise<void>;
  /** Removes the file (the stack is gone) and gives the lock back. */
  destroy(): Promise<void>;
}
