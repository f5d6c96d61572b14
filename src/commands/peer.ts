import { acceptPeerings, declinePeerings, peer, requestPeerings } from "../steps/peer.ts";
import { make } from "./make.ts";
import type { Run } from "./run.ts";

/**
 * `peer`, with its sides apart where asked: `accept` is undefined for both, false for the request alone, true for the
 * accepter's side alone.
 */
export function makePeerings(run: Run, options: { accept?: boolean; decline?: boolean }): Promise<number> {
  if (options.decline) return make(run, [{ ...peer, makes: [], apply: declinePeerings }]);
  if (options.accept) return make(run, [{ ...peer, makes: ["acceptance"], apply: acceptPeerings }]);
  if (options.accept === false) return make(run, [{ ...peer, makes: ["peering"], apply: requestPeerings }]);
  return make(run, [peer]);
}
