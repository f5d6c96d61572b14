import { isIPv4, isIPv6 } from "node:net";
import type { Guest, Program } from "./guest.ts";
import { pingLoop } from "./ping-loop.ts";
import { type PingOptions, PingUsage, pingOptions } from "./ping-options.ts";

/**
 * iputils' ping: its output, timing and exit codes (0 replies came, 1 none or fewer than asked for by the deadline, 2 it
 * could not start). Sources: ping.c, ping_common.c of https://github.com/iputils/iputils.
 */
export const ping: Program = async (args, guest, io) => {
  let options: PingOptions;
  try {
    options = pingOptions(args);
  } catch (error) {
    if (!(error instanceof PingUsage)) throw error;
    io.err(`ping: ${error.message}\n`);
    return error.code;
  }
  const address = resolve(guest, options);
  const problem = address === undefined ? nameUnknown(options) : cannotSend(guest, address, options);
  if (address === undefined || problem !== undefined) {
    io.err(`ping: ${problem}\n`);
    return 2;
  }
  const from = options.source
    ? ` from ${sourceOf(guest, options.source)} ${deviceOf(guest, options.source)}:`
    : "";
  const sizes = isIPv6(address)
    ? `${options.size} data bytes`
    : `${options.size}(${options.size + 28}) bytes of data.`;
  io.out(
    `PING ${options.destination}${isIPv6(address) ? `(${address})` : ` (${address})`}${from} ${sizes}\n`,
  );
  const source = options.source && sourceOf(guest, options.source);
  return pingLoop({ address, source, name: nameOf(guest, address, options) }, options, guest, io);
};

/** What a reply's line calls the sender: a name only where one was asked for, as without `-n` ping looks it up. */
function nameOf(guest: Guest, address: string, { destination, numeric }: PingOptions): string {
  if (numeric || destination === address) return address;
  return `${destination === "localhost" ? destination : guest.hostname()} (${address})`;
}

/** Own names only: the model has no DNS server. */
function resolve(guest: Guest, { destination, family }: PingOptions): string | undefined {
  const full = guest.hostname();
  const own: Record<string, string | undefined> = {
    localhost: family === 6 ? "::1" : "127.0.0.1",
    [full]: guest.links()[0]?.addresses[0],
    [full.split(".")[0]!]: guest.links()[0]?.addresses[0],
  };
  if (isIPv4(destination)) return family === 6 ? undefined : destination;
  if (isIPv6(destination)) return family === 4 ? undefined : destination;
  return Object.hasOwn(own, destination) ? own[destination] : undefined;
}

function nameUnknown({ destination, family }: PingOptions): string {
  const literal = isIPv4(destination) || isIPv6(destination);
  return `${destination}: ${literal && family ? "Address family for hostname not supported" : "Name or service not known"}`;
}

/** Why the guest's own kernel has no way to send, if so; a VPC's router never says so, it just drops. */
function cannotSend(guest: Guest, address: string, { source }: PingOptions): string | undefined {
  const links = guest.links();
  if (source !== undefined) {
    if (isIPv4(source) || isIPv6(source)) {
      const own = links.some((link) => link.addresses.includes(source) || link.ipv6.includes(source));
      if (!own && source !== "127.0.0.1") return "bind: Cannot assign requested address";
    } else if (source !== "lo" && !links.some((link) => link.name === source)) {
      return `SO_BINDTODEVICE ${source}: No such device`;
    }
  }
  if (address === "::1" || address.startsWith("127.")) return undefined;
  const ipv6 = isIPv6(address);
  if (links.length === 0 || (ipv6 && links.every((link) => link.ipv6.length === 0))) {
    return "connect: Network is unreachable";
  }
  if (!ipv6 && (address === "255.255.255.255" || links.some((link) => link.broadcast === address))) {
    return "Do you want to ping broadcast? Then -b. If not, check your local firewall rules";
  }
  return undefined;
}

function sourceOf(guest: Guest, source: string): string {
  const link = guest.links().find((each) => each.name === source);
  return link?.addresses[0] ?? (source === "lo" ? "127.0.0.1" : source);
}

function deviceOf(guest: Guest, source: string): string {
  return source === "lo" || guest.links().some((each) => each.name === source) ? source : "";
}
