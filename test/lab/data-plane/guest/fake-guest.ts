import type { Echo, Guest, Io, Link } from "../../../../src/lab/data-plane/guest/guest.ts";
import { openShell } from "../../../../src/lab/data-plane/guest/shell.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";

export const link: Link = {
  name: "ens5",
  mac: "0e:4f:6a:10:2b:3c",
  addresses: ["10.1.0.4"],
  prefixLength: 24,
  broadcast: "10.1.0.255",
  router: "10.1.0.1",
  resolver: "10.1.0.2",
  ipv6: [],
};

export interface FakeGuest extends Guest {
  readonly clock: ManualClock;
}

/** A guest at 10.1.0.4 whose echoes go as `echoes` says, by sequence number; what it does not name is lost. */
export function fakeGuest(
  echoes: (seq: number) => Echo = () => ({ kind: "lost" }),
  links = [link],
): FakeGuest {
  return {
    user: "ec2-user",
    clock: manualClock(),
    hostname: () => "ip-10-1-0-4.ec2.internal",
    links: () => links,
    echo: (_destination, seq) => echoes(seq),
  };
}

/** Runs a line as `ssh ec2-user@host LINE` would. `interruptAfter` presses Ctrl-C so many milliseconds in. */
export async function run(line: string, guest = fakeGuest(), interruptAfter?: number) {
  const printed = { out: "", err: "" };
  const interrupt = new AbortController();
  const io: Io = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    signal: interrupt.signal,
  };
  const shell = openShell(guest, "bash");
  const start = guest.clock.now();
  const done = shell.run(line, io);
  if (interruptAfter !== undefined) {
    await guest.clock.advance(interruptAfter);
    interrupt.abort();
  }
  await guest.clock.finish(done);
  return { ...printed, code: shell.code, exited: shell.exited, took: guest.clock.now() - start };
}
