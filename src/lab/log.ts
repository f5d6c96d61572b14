/** One call to the API, as `/_lab/log` shows it. Times are milliseconds since the epoch, by the lab's clock. */
export interface LogEntry {
  requestId: string;
  service: string;
  action: string;
  account: string;
  region: string;
  start: number;
  /** When the answer was ready to be sent. */
  end: number;
  /** HTTP status; 0 where the connection was dropped without one. */
  status: number;
  /** The error's code, where it failed. */
  error?: string;
  /** Ids that the request names. */
  used: string[];
  /** Ids that came into being by it. */
  made: string[];
  /** The fault that was put on it. */
  fault?: string;
}

/** A change that time brought, e.g. an instance that has booted. */
export interface LoggedTransition {
  /** Milliseconds since the epoch. */
  at: number;
  kind: string;
  id: string;
  to: string;
}

export interface Log {
  /** Oldest first. */
  readonly entries: readonly LogEntry[];
  readonly transitions: readonly LoggedTransition[];
  /** How many older ones had to go. */
  readonly dropped: number;
  add(entry: LogEntry): void;
  addTransition(transition: LoggedTransition): void;
  clear(): void;
}

/** Keeps the last `most` calls, and as many transitions. */
export function createLog(most = 20_000): Log {
  const entries: LogEntry[] = [];
  const transitions: LoggedTransition[] = [];
  let dropped = 0;
  return {
    entries,
    get dropped() {
      return dropped;
    },
    add: (entry) => {
      entries.push(entry);
      // In slices: taking one off the front for each call would move all the others each time.
      if (entries.length > most * 1.1) dropped += entries.splice(0, entries.length - most).length;
    },
    transitions,
    addTransition: (transition) => {
      transitions.push(transition);
      if (transitions.length > most * 1.1) transitions.splice(0, transitions.length - most);
    },
    clear: () => {
      entries.length = 0;
      transitions.length = 0;
      dropped = 0;
    },
  };
}

/** The resource ids in a request's values. */
export function idsIn(text: string): string[] {
  return [...new Set(text.match(/\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,17}\b/g))];
}
