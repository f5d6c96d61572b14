import type { State } from "./schema.ts";
import type { StateStore } from "./store.ts";

/** A state to look at: no lock is held, and whoever tries to change it has a bug. */
export function readOnlyStore(path: string, state: State): StateStore {
  const refuse = async (): Promise<never> => {
    throw new Error(`${path} was opened to be looked at only`);
  };
  return {
    path,
    isNew: false,
    state,
    get: (key) => state.resources[key],
    intent: (key) => state.intents[key],
    begin: refuse,
    renew: refuse,
    record: refuse,
    annotate: refuse,
    forget: refuse,
    leave: refuse,
    stay: refuse,
    pinHostKey: refuse,
    close: async () => {},
    destroy: refuse,
  };
}
