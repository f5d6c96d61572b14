import { acceptPeerings, declinePeerings, peer, requestPeerings } from "../steps/peer.ts";
import { make } from "./make.ts";
import type { Run } from "./run.ts";

/**
 * `peer` with its sides apart: `accept` is undefined for both sides, false for the request alone, true for the accepter's
 * alone.
 */
export function makePeerings(run: Run, options: { accept?: boolean; decline?: boolean }): Promise<number> {
  if (options.decline) return make(run, [peer], declinePeerings);
  if (options.accept === false) return make(run, [peer], requestPeerings);
  if (options.accept) return make(run, [peer], acceptPeerings);
  return make(run, [peer]);
}
