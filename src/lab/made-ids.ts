import type { Ids } from "./ids.ts";

/** Ids that remember what they made, for the log. */
export interface MadeIds extends Ids {
  /** What was made since the last time that this was asked. */
  takeMade(): string[];
}

export function rememberMade(ids: Ids): MadeIds {
  let made: string[] = [];
  return {
    make: (prefix) => {
      const id = ids.make(prefix);
      made.push(id);
      return id;
    },
    number: (below) => ids.number(below),
    get state() {
      return ids.state;
    },
    takeMade: () => {
      const taken = made;
      made = [];
      return taken;
    },
  };
}
