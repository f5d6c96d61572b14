import { StringDecoder } from "node:string_decoder";
import { type PingLine, readPingLine } from "./ping-line.ts";

export type PingReply = Extract<PingLine, { kind: "reply" }>;
export type PingError = Extract<PingLine, { kind: "error" }>;

export interface PingSummary {
  transmitted: number;
  /** Without duplicates. */
  received: number;
  duplicates: number;
  lossPercent: number;
  /** Absent where no reply told its time. */
  minMs?: number;
  avgMs?: number;
  maxMs?: number;
  /** False where ping's own summary never came (the connection was lost) and this is counted from the replies. */
  complete: boolean;
}

export interface PingReader {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** Call it once, when nothing more will come. */
  end(): { replies: PingReply[]; errors: PingError[]; summary: PingSummary };
}

/** Reads the output of iputils' and busybox's ping as it comes; `onLine` gets each reply and error at once. */
export function pingReader(onLine?: (line: PingReply | PingError) => void): PingReader {
  const replies: PingReply[] = [];
  const errors: PingError[] = [];
  let counts: Extract<PingLine, { kind: "counts" }> | undefined;
  let times: Extract<PingLine, { kind: "times" }> | undefined;
  const take = (text: string, stream: "stdout" | "stderr") => {
    const line = readPingLine(text, stream);
    if (line?.kind === "counts") counts = line;
    else if (line?.kind === "times") times = line;
    else if (line) {
      if (line.kind === "reply") replies.push(line);
      else errors.push(line);
      onLine?.(line);
    }
  };
  const stdout = lineSplitter((line) => take(line, "stdout"));
  const stderr = lineSplitter((line) => take(line, "stderr"));
  return {
    stdout: stdout.write,
    stderr: stderr.write,
    end: () => {
      stdout.end();
      stderr.end();
      const counted = counts ?? countsOf(replies, errors);
      const timed = times ?? timesOf(replies);
      const { transmitted, received, duplicates, lossPercent } = counted;
      const { minMs, avgMs, maxMs } = timed;
      const complete = counts !== undefined;
      const summary = { transmitted, received, duplicates, lossPercent, minMs, avgMs, maxMs, complete };
      return { replies, errors, summary };
    },
  };
}

/**
 * ping numbers its packets from 1 (iputils) or 0 (busybox), so the highest number seen tells how many went out at least.
 * If nothing at all was seen, nothing is known to have been sent, and all is lost.
 */
function countsOf(replies: readonly PingReply[], errors: readonly PingError[]) {
  const seen = [...replies, ...errors].flatMap(({ seq }) => seq ?? []);
  const transmitted = seen.length === 0 ? 0 : Math.max(...seen) + (seen.includes(0) ? 1 : 0);
  const received = new Set(replies.map(({ seq }) => seq)).size;
  const lossPercent = transmitted === 0 ? 100 : (100 * (transmitted - received)) / transmitted;
  return {
    transmitted,
    received,
    duplicates: replies.filter(({ duplicate }) => duplicate).length,
    lossPercent,
  };
}

function timesOf(replies: readonly PingReply[]): Pick<PingSummary, "minMs" | "avgMs" | "maxMs"> {
  const times = replies.flatMap(({ timeMs }) => timeMs ?? []);
  if (times.length === 0) return {};
  const sum = times.reduce((total, time) => total + time, 0);
  return { minMs: Math.min(...times), avgMs: sum / times.length, maxMs: Math.max(...times) };
}

/** Puts lines together again, wherever chunks were cut. */
function lineSplitter(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    write: (chunk) => {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    },
    end: () => {
      const last = rest + decoder.end();
      rest = "";
      if (last) onLine(last);
    },
  };
}
