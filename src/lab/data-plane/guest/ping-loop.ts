import type { Guest, Io } from "./guest.ts";
import type { PingOptions } from "./ping-options.ts";
import { noCounts, rttText, statistics } from "./ping-report.ts";

/** A time stamp of 16 bytes goes in the data; with less ping cannot measure, and prints no times. */
const timeStampSize = 16;
/** The kernel asks three times by ARP, a second apart, before it gives up, and its timers add a little. */
const arpFails = 3050;

/** Something that comes back to ping: at that instant, for that request. */
interface Arrival {
  at: number;
  seq: number;
  rtt?: number;
  ttl?: number;
}

/**
 * Sends and listens until ping would end. As in iputils: after the last of `-c` it waits twice the longest round trip (at
 * least an interval) where replies have come, else `-W`; with `-w` it goes on sending until the deadline or enough replies.
 * `target.name` is what a reply's line calls the sender. Resolves with ping's exit code.
 */
export async function pingLoop(
  target: { address: string; source?: string; name: string },
  options: PingOptions,
  guest: Guest,
  io: Io,
): Promise<number> {
  const { clock } = guest;
  const { address, source, name } = target;
  const { count, interval, deadline } = options;
  const timing = options.size >= timeStampSize;
  const counts = noCounts();
  const start = clock.now();
  const arrivals: Arrival[] = [];
  const answered = new Set<number>();
  let lastSent = start;
  let endAt = deadline === undefined ? Number.POSITIVE_INFINITY : start + deadline;
  let waits = false;

  const stamp = () => (options.timestamps ? `[${(clock.now() / 1000).toFixed(6)}] ` : "");
  const print = (text: string) => {
    if (!options.quiet) io.out(`${stamp()}${text}\n`);
  };
  const sentAll = () => count !== undefined && counts.transmitted >= count && deadline === undefined;
  const send = () => {
    if (options.outstanding && counts.transmitted > 0 && !answered.has(counts.transmitted)) {
      io.out(`${stamp()}no answer yet for icmp_seq=${counts.transmitted % 65536}\n`);
    }
    answered.clear();
    counts.transmitted += 1;
    const seq = counts.transmitted;
    lastSent = clock.now();
    const echo = guest.echo(address, seq, source);
    if (echo.kind === "reply") {
      arrivals.push({ at: lastSent + echo.rtt / 1000, seq, rtt: echo.rtt, ttl: echo.ttl });
    } else if (echo.kind === "host-unreachable") {
      // Requests wait in the queue of one ARP resolution, so they fail together.
      const queued = arrivals.find((each) => each.rtt === undefined);
      arrivals.push({ at: queued?.at ?? lastSent + arpFails, seq });
    }
  };
  const receive = ({ seq, rtt, ttl }: Arrival) => {
    answered.add(seq);
    counts.pipe = Math.max(counts.pipe, counts.transmitted - seq + 1);
    if (rtt === undefined) {
      counts.errors += 1;
      print(
        `From ${source ?? guest.links()[0]?.addresses[0]} icmp_seq=${seq % 65536} Destination Host Unreachable`,
      );
      return;
    }
    counts.received += 1;
    counts.rtts.min = Math.min(counts.rtts.min, rtt);
    counts.rtts.max = Math.max(counts.rtts.max, rtt);
    counts.rtts.sum += rtt;
    counts.rtts.squares += rtt * rtt;
    const time = timing ? ` time=${rttText(rtt)} ms` : "";
    print(`${options.size + 8} bytes from ${name}: icmp_seq=${seq % 65536} ttl=${ttl}${time}`);
  };

  send();
  while (!io.signal.aborted) {
    const now = clock.now();
    arrivals.sort((a, b) => a.at - b.at || a.seq - b.seq);
    while (arrivals[0] && arrivals[0].at <= now) receive(arrivals.shift()!);
    if (count !== undefined && counts.received + counts.errors >= count) break;
    if ((deadline !== undefined && counts.errors > 0) || now >= endAt) break;
    if (!sentAll() && now >= lastSent + interval) send();
    if (sentAll() && !waits) {
      waits = true;
      const longestTrip = (2 * counts.rtts.max) / 1000;
      endAt = now + (counts.received > 0 ? Math.max(longestTrip, interval) : options.linger);
    }
    const next = Math.min(arrivals[0]?.at ?? endAt, endAt, sentAll() ? endAt : lastSent + interval);
    // The only failure is the signal's, which the loop's condition sees.
    await clock.sleep(Math.max(0, next - clock.now()), io.signal).catch(() => undefined);
  }
  io.out(statistics(options.destination, counts, lastSent - start, timing));
  const short = deadline !== undefined && count !== undefined && counts.received < count;
  return counts.received === 0 || short ? 1 : 0;
}
