import type { Readable } from "node:stream";

/** What can be seen of packets where they are real. */
export interface Sight {
  /**
   * The lines of a capture at an instance's interface, until `signal` aborts. The instance is named by its id or one of its
   * addresses; `filter` is tcpdump's. Rejects with a SightError for what is not there.
   */
  capture(instance: string, filter: string, signal: AbortSignal): Promise<Readable>;
  /** Begins to count the echo requests and replies between two private addresses, everywhere; ends what counted before. */
  startTrace(a: string, b: string): Promise<void>;
  /** What was counted since, along the way of requests from `a` and then of the replies. */
  stopTrace(): Promise<TracePoint[]>;
}

/** One place that packets come into and, if nothing there stops them, leave. */
export interface TracePoint {
  leg: "request" | "reply";
  kind: "security-group" | "router" | "internet";
  /** The network interface whose groups these are, or the VPC. */
  id: string;
  in: number;
  out: number;
}

/** Asked for something that is not there; the message is for the person. */
export class SightError extends Error {
  override name = "SightError";
}
