import { isIPv4 } from "node:net";
import type { Clock } from "../clock.ts";
import { describeCause, UserError } from "../errors.ts";
import { exchange } from "./exchange.ts";

/**
 * The public IPv4 address that this machine is seen under, as `url` answers it (one line of text, as
 * https://checkip.amazonaws.com does). A connection that fails is tried again: what was made by then should not wait for
 * another run because of a moment without a network.
 */
export async function callerAddress(url: string, clock: Clock, signal: AbortSignal): Promise<string> {
  const remedy = "name the addresses that may connect: --ssh-from CIDR";
  const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  let text: string;
  try {
    text = (await ask(new URL(url), clock, limit)).trim();
  } catch (cause) {
    signal.throwIfAborted();
    throw new UserError(
      `cannot find out this machine's public address from ${url}: ${describeCause(cause)}`,
      remedy,
      { cause },
    );
  }
  if (isIPv4(text)) return text;
  throw new UserError(`${url} answered with no IPv4 address`, remedy);
}

/** Milliseconds between two tries; after the last one the failure is final. */
const pauses = [200, 600, 1500];

async function ask(url: URL, clock: Clock, signal: AbortSignal): Promise<string> {
  for (const pause of pauses) {
    try {
      return (await exchange(url, { signal })).text;
    } catch {
      await clock.sleep(pause, signal);
    }
  }
  return (await exchange(url, { signal })).text;
}
