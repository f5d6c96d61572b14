import type { Readable } from "node:stream";

/** What can be seen of packets where they are real. */
export interface Sight {
  /**
   * The lines of a capture at an instance's interfaces, until `signal` aborts. It is named by its id, an interface's, or an
   * address; `filter` is tcpdump's. Rejects with a SightError for what is not there, for an address that several running
   * instances have, and for what tcpdump refuses.
   */
  capture(instance: string, filter: string, signal: AbortSignal): Promise<Readable>;
  /**
   * Begins to count the echo requests and replies between the first private addresses of two network interfaces, everywhere.
   * Several traces may run at once; the result is this one's name.
   */
  startTrace(from: string, to: string): Promise<string>;
  /** Ends a trace: what was counted along the way of the requests, and then of the replies. */
  stopTrace(trace: string): Promise<TracePoint[]>;
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
