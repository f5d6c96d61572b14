import type { Readable } from "node:stream";
import type { Client } from "ssh2";

export interface RunOptions {
  /** Each chunk as it comes; it may end anywhere, inside a line or a character. */
  onStdout?(chunk: Buffer): void;
  onStderr?(chunk: Buffer): void;
  /** What the command reads; without it, an empty input. */
  stdin?: Readable;
  /** Ends the command, not the connection; `run` rejects with its reason at once. */
  signal?: AbortSignal;
}

export interface RunResult {
  /** Null where a signal ended the command. */
  code: number | null;
  /** E.g. `TERM`. */
  signal?: string;
  /** The output as text, the first 1 MiB of each stream: the callbacks get all of it. */
  stdout: string;
  stderr: string;
}

/** What to throw when a channel ends without an exit status, or could not be opened. */
export type ChannelFailure = (what: string, error?: Error) => unknown;

const mostKept = 1024 * 1024;

export function runCommand(
  client: Client,
  command: string,
  { onStdout, onStderr, stdin, signal }: RunOptions,
  failure: ChannelFailure,
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    try {
      client.exec(command, (error, channel) => {
        if (error) return reject(failure("the command could not be started", error));
        const stdout = keeper(onStdout);
        const stderr = keeper(onStderr);
        let exit: Pick<RunResult, "code" | "signal"> | undefined;
        const onAbort = () => {
          reject(signal?.reason);
          // sshd passes the signal on; the closed channel ends what does not heed it at its next output.
          channel.signal("INT");
          channel.close();
        };
        signal?.addEventListener("abort", onAbort, { once: true });
        if (signal?.aborted) onAbort();
        channel.on("data", stdout.take);
        channel.stderr.on("data", stderr.take);
        channel.on("exit", (code: number | null, name?: string) => {
          exit = { code, ...(name ? { signal: name.replace(/^SIG/, "") } : {}) };
        });
        channel.on("close", () => {
          signal?.removeEventListener("abort", onAbort);
          stdin?.unpipe(channel);
          if (exit) resolve({ ...exit, stdout: stdout.text(), stderr: stderr.text() });
          else reject(failure("the command ended without an exit status"));
        });
        if (stdin) stdin.pipe(channel);
        else channel.end();
      });
    } catch (error) {
      // ssh2 throws at once where the connection is gone already.
      reject(failure("the command could not be started", error as Error));
    }
  });
}

function keeper(pass?: (chunk: Buffer) => void): { take(chunk: Buffer): void; text(): string } {
  const kept: Buffer[] = [];
  let room = mostKept;
  return {
    take: (chunk) => {
      if (room > 0) kept.push(chunk.subarray(0, room));
      room -= chunk.length;
      pass?.(chunk);
    },
    text: () => Buffer.concat(kept).toString("utf8"),
  };
}
