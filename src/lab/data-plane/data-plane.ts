import type { Duplex } from "node:stream";
import type { World } from "../world.ts";
import type { Sight } from "./sight.ts";

/**
 * What makes the lab's tables true for packets. The tables are the truth and a data plane is a function of them: it holds
 * nothing that `apply` could not build again, so the lab may restart or change planes at any time.
 */
export interface DataPlane {
  /** "undecided": it is still being chosen (deferred.ts). */
  readonly name: "model" | "linux" | "undecided";
  /** Why this one and not another, in one line, where there was a choice; or what keeps it from working just now. */
  why?(): string | undefined;
  /** Brings the plane in line with the tables. Called after each change of the world; must not throw, must be cheap. */
  apply(world: World): void;
  /**
   * A connection from the outside world, as an HTTP CONNECT: `target` is what the client asked for, unchecked; `socket` is
   * the client's, with no answer written yet; `head` is what followed the request. The plane owns the socket from here on.
   * Every plane is made through `fenced` (connect-proxy.ts), which lets only lab addresses by.
   */
  connect(world: World, target: { host: string; port: number }, socket: Duplex, head: Buffer): void;
  /** Where packets are real. */
  readonly sight?: Sight;
  /** Ends every connection and leaves nothing behind. */
  close(): Promise<void>;
}
