/**
 * What one line of ping's output tells. `seq` is as printed: iputils counts from 1, busybox from 0. Times are in
 * milliseconds.
 */
export type PingLine =
  | {
      kind: "reply";
      seq: number;
      ttl: number;
      /** ICMP header and data. */
      bytes: number;
      /** Absent where the packet is too small to carry a time stamp (`-s` under 16). */
      timeMs?: number;
      duplicate: boolean;
    }
  | { kind: "error"; reason: PingReason; text: string; seq?: number; from?: string }
  | { kind: "counts"; transmitted: number; received: number; duplicates: number; lossPercent: number }
  | { kind: "times"; minMs: number; avgMs: number; maxMs: number };

type PingReason =
  | "host-unreachable"
  | "net-unreachable"
  | "ttl-exceeded"
  | "prohibited"
  | "too-big"
  | "no-ping"
  | "other";

/** In order: the first that fits names the reason. */
const reasons: readonly [RegExp, PingReason][] = [
  [/host (is )?unreachable|no route to host/i, "host-unreachable"],
  [/net(work)? (is )?unreachable/i, "net-unreachable"],
  [/time to live exceeded|hop limit/i, "ttl-exceeded"],
  [/filtered|prohibited|operation not permitted/i, "prohibited"],
  [/frag needed|message too long|packet too big/i, "too-big"],
  [/ping: (command )?not found|not found: ping/i, "no-ping"],
];

const reply = /^(\d+) bytes from .*?: (?:icmp_)?seq=(\d+) ttl=(\d+)(?: time[=<]([\d.]+) ms)?/;
const icmpError = /^From (\S+?)(?: \(\S+\))?:? icmp_seq=(\d+) (.+)$/;
const complaint = /^(?:\S*sh: )?(?:line \d+: )?(?:ping6?|connect|sendto|sendmsg)\b.*: .+$/;
const counts =
  /^(\d+) packets transmitted, (\d+) (?:packets )?received,(?: \+?(\d+) duplicates,)?.* ([\d.]+)% packet loss/;
const times = /^(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/;

/** Undefined for a line that tells nothing: the heading, an empty one, the statistics' title. */
export function readPingLine(line: string, stream: "stdout" | "stderr"): PingLine | undefined {
  const text = line.trim();
  let found = reply.exec(text);
  if (found) {
    const [, bytes, seq, ttl, time] = found;
    const duplicate = /\(DUP!\)/.test(text);
    const timeMs = time === undefined ? {} : { timeMs: Number(time) };
    return { kind: "reply", seq: Number(seq), ttl: Number(ttl), bytes: Number(bytes), ...timeMs, duplicate };
  }
  found = counts.exec(text);
  if (found) {
    const [transmitted, received, duplicates, lossPercent] = found
      .slice(1)
      .map((digits) => Number(digits ?? 0));
    return {
      kind: "counts",
      transmitted: transmitted!,
      received: received!,
      duplicates: duplicates!,
      lossPercent: lossPercent!,
    };
  }
  found = times.exec(text);
  if (found)
    return { kind: "times", minMs: Number(found[1]), avgMs: Number(found[2]), maxMs: Number(found[3]) };
  found = icmpError.exec(text);
  if (found) {
    const [, from, seq, what] = found;
    return { kind: "error", reason: reasonOf(what!), text: what!, seq: Number(seq), from };
  }
  // ping's own complaints go to stderr; a shell with a terminal mixes both.
  if (text && (stream === "stderr" || complaint.test(text))) {
    return { kind: "error", reason: reasonOf(text), text };
  }
  return undefined;
}

function reasonOf(text: string): PingReason {
  return reasons.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
