import { isIPv4 } from "node:net";
import { describeCause, UserError } from "../errors.ts";
import { exchange } from "./exchange.ts";

/**
 * The public IPv4 address that this machine is seen under, as `url` answers it (one line of text, as
 * https://checkip.amazonaws.com does).
 */
export async function callerAddress(url: string, signal: AbortSignal): Promise<string> {
  const remedy = "name the addresses that may connect: --ssh-from CIDR";
  const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  let text: string;
  try {
    text = (await exchange(new URL(url), { signal: limit })).text.trim();
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
