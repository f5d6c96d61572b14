import { UserError } from "../errors.ts";
import type { ResourceRecord } from "../state/schema.ts";

/**
 * Where steps meet: one asks for a resource by its key, another provides it. So the order of work follows from the data,
 * and each step goes on the moment that what it needs is recorded.
 */
export interface Board {
  /**
   * The resource under `key`: as recorded, or as soon as the step that makes it in this run has it. Rejects with a
   * UserError that names the subcommand where nobody makes it, and with the signal's reason when the run is aborted.
   */
  need(key: string): Promise<ResourceRecord>;
  provide(key: string, record: ResourceRecord): void;
}

/**
 * @param running the types of key that this run's steps make
 * @param recorded what an earlier run made
 * @param makerOf the subcommand that makes a type of key, for the message
 * @param signal the run's: once it is aborted, what is not there will not come
 */
export function makeBoard(
  running: ReadonlySet<string>,
  recorded: (key: string) => ResourceRecord | undefined,
  makerOf: (type: string) => string,
  signal: AbortSignal,
): Board {
  const made = new Map<string, ResourceRecord>();
  const waiting = new Map<string, ((record: ResourceRecord) => void)[]>();

  const come = (key: string): Promise<ResourceRecord> =>
    new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      const arrive = (record: ResourceRecord) => {
        signal.removeEventListener("abort", stop);
        resolve(record);
      };
      waiting.set(key, [...(waiting.get(key) ?? []), arrive]);
    });

  return {
    need: async (key) => {
      const type = typeOf(key);
      const record = running.has(type) ? (made.get(key) ?? (await come(key))) : recorded(key);
      if (!record) throw new UserError(`there is no ${key} yet`, `run: peerctl ${makerOf(type)}`);
      return record;
    },
    provide: (key, record) => {
      made.set(key, record);
      for (const arrive of waiting.get(key) ?? []) arrive(record);
      waiting.delete(key);
    },
  };
}

/** `vpc/vpc-1` -> `vpc`. */
export function typeOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}
