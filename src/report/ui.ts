import type { ChalkInstance } from "chalk";

/** One thing that happened to one resource. */
export interface ResourceEvent {
  /**
   * `missing` is recorded but not on AWS, `outdated` is recorded for what is not wanted any more. The last three are for
   * those who only look: `taken` is recorded and on AWS but without the stack's tag, `unrecorded` is on AWS but not
   * recorded, `absent` neither.
   */
  what: "made" | "kept" | "adopted" | "removed" | "missing" | "outdated" | "taken" | "unrecorded" | "absent";
  key: string;
  id?: string;
  detail?: string;
}

/** How peerctl talks: progress and prose to stderr, results to stdout. */
export interface Ui {
  readonly json: boolean;
  readonly verbose: boolean;
  /** For colours in what is rendered elsewhere; without effect where there is no terminal. */
  readonly paint: ChalkInstance;
  /** A line of prose. */
  say(line: string): void;
  event(event: ResourceEvent): void;
  /** What is going on right now; replaced by the next, shown on a terminal only. */
  busy(text: string): void;
  /** Ends `busy`. */
  idle(): void;
  /** The command's result: `data` as one JSON document with --json, else `text`. */
  result(data: unknown, text: string): void;
  /** Text that is a result while it arrives, e.g. a ping's replies: to stdout, but not with --json. */
  stream(line: string): void;
  /** Asks for a yes; false where there is no terminal to ask on, and where it is closed. Rejects when the run is stopped. */
  confirm(question: string): Promise<boolean>;
  readonly interactive: boolean;
  /** All events so far, for the result. */
  readonly events: readonly ResourceEvent[];
}
