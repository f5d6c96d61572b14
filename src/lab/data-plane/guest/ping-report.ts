/** What ping has counted. Round-trip times in microseconds. */
export interface PingCounts {
  transmitted: number;
  received: number;
  errors: number;
  /** The most requests that were on the way at once. */
  pipe: number;
  rtts: RttSums;
}

interface RttSums {
  min: number;
  max: number;
  sum: number;
  squares: number;
}

export function noCounts(): PingCounts {
  return {
    transmitted: 0,
    received: 0,
    errors: 0,
    pipe: 0,
    rtts: { min: Number.POSITIVE_INFINITY, max: 0, sum: 0, squares: 0 },
  };
}

/** A reply's round-trip time as ping prints it: three significant decimals below 1 ms, fewer above. */
export function rttText(rtt: number): string {
  if (rtt >= 100_000 - 50) return String(Math.floor((rtt + 500) / 1000));
  if (rtt >= 10_000 - 5) return fixed(rtt + 50, 1);
  if (rtt >= 1000) return fixed(rtt + 5, 2);
  return fixed(rtt, 3);
}

/** Microseconds as milliseconds, cut (not rounded) to so many decimals. */
function fixed(micros: number, decimals: number): string {
  const digits = String(Math.floor(micros) % 1000)
    .padStart(3, "0")
    .slice(0, decimals);
  return `${Math.floor(micros / 1000)}.${digits}`;
}

/**
 * The block that ping ends with, from its leading newline to its last. Written by `finish()` in iputils' ping_common.c:
 * the arithmetic is of whole microseconds, the loss has six significant digits, and a ping without any reply ends with an
 * empty line. `elapsed` is from start to the last request, in milliseconds; timing is off where the data is too short to
 * carry a time stamp.
 */
export function statistics(name: string, counts: PingCounts, elapsed: number, timing: boolean): string {
  const { transmitted, received, errors, pipe, rtts } = counts;
  const head = [`${transmitted} packets transmitted`, `${received} received`];
  if (errors > 0) head.push(`+${errors} errors`);
  if (transmitted > 0) {
    const loss = ((transmitted - received) * 100) / transmitted;
    head.push(`${Number(loss.toPrecision(6))}% packet loss`, `time ${Math.round(elapsed)}ms`);
  }
  const tail: string[] = [];
  if (received > 0 && timing) {
    const average = Math.floor(rtts.sum / received);
    const variance = Math.floor((rtts.squares - Math.floor(rtts.sum ** 2 / received)) / received);
    const deviation = Math.floor(Math.sqrt(Math.max(0, variance)));
    const times = [rtts.min, average, rtts.max, deviation].map((each) => fixed(each, 3)).join("/");
    tail.push(`rtt min/avg/max/mdev = ${times} ms`);
  }
  if (pipe > 1) tail.push(`pipe ${pipe}`);
  return `\n--- ${name} ping statistics ---\n${head.join(", ")}\n${tail.join(", ")}\n`;
}
