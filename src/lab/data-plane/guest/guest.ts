import type { Clock } from "../../../clock.ts";

/**
 * The inside of an instance, as its programs see it: an Amazon Linux 2023 with the network that the tables give it.
 * Everything is asked anew at each use, because the tables may change while a program runs.
 */
export interface Guest {
  /** The OS user of the session. */
  readonly user: string;
  readonly clock: Clock;
  /** The full name, e.g. `ip-10-1-0-4.ec2.internal`. */
  hostname(): string;
  /** In the order of their device index; the first is the primary one. */
  links(): Link[];
  /** Sends one echo request to an address, now. `seq` counts from 1; `source` is an own address, where one was chosen. */
  echo(destination: string, seq: number, source?: string): Echo;
}

/** A network interface as the guest's kernel has it after DHCP. */
export interface Link {
  /** `ens5`, `ens6`...: what systemd calls the interfaces of a Nitro instance. */
  name: string;
  mac: string;
  /** The primary private address, then the secondary ones. */
  addresses: string[];
  /** The subnet's prefix length, e.g. 24. */
  prefixLength: number;
  /** The subnet's last address. */
  broadcast: string;
  /** The subnet's first address, where the VPC's router is. */
  router: string;
  /** The Amazon DNS server: the VPC's base address plus two. */
  resolver: string;
  ipv6: string[];
}

/** What becomes of one echo request. `rtt` in microseconds. */
export type Echo =
  | { kind: "reply"; rtt: number; ttl: number }
  | { kind: "lost" }
  /** Nobody answers ARP on the own subnet: the guest's own kernel says so, three seconds later. */
  | { kind: "host-unreachable" };

/** What a program prints to, and what stops it. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Aborts on Ctrl-C (the INT signal), and when the session is gone. */
  readonly signal: AbortSignal;
}

/** A program: its arguments without its name; resolves with its exit code. */
export type Program = (args: readonly string[], guest: Guest, io: Io) => number | Promise<number>;
