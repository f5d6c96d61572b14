import type { Readable, Writable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { ChannelFailure } from "./run.ts";

interface Size {
  columns: number;
  rows: number;
}

export interface ShellOptions extends Size {
  /** A terminal is set to raw mode meanwhile, so that Ctrl-C goes to the other side, as with ssh. */
  stdin: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  stdout: Writable;
  /** `$TERM`. */
  term: string;
  /** Calls back on each new size of the terminal; what it returns stops that. */
  onResize?(listener: (size: Size) => void): () => void;
}

/** Ended by a signal: there is no exit code, and ssh(1) says 255. */
const noExitCode = 255;

export function runShell(client: Client, options: ShellOptions, failure: ChannelFailure): Promise<number> {
  return new Promise((resolve, reject) => {
    const { term, columns: cols, rows } = options;
    try {
      client.shell({ term, cols, rows, width: 0, height: 0 }, (error, channel) => {
        if (error) return reject(failure("the shell could not be started", error));
        const detach = attach(channel, options);
        let exitCode: number | undefined;
        channel.on("exit", (code: number | null) => {
          exitCode = code ?? noExitCode;
        });
        channel.on("close", () => {
          detach();
          if (exitCode === undefined) reject(failure("the shell ended without an exit status"));
          else resolve(exitCode);
        });
      });
    } catch (error) {
      reject(failure("the shell could not be started", error as Error));
    }
  });
}

/** Joins the terminal and the channel; the returned function takes them apart and leaves the terminal as it was. */
function attach(channel: ClientChannel, { stdin, stdout, onResize }: ShellOptions): () => void {
  const raw = stdin.isTTY === true;
  if (raw) stdin.setRawMode?.(true);
  const stopResizing = onResize?.(({ columns, rows }) => channel.setWindow(rows, columns, 0, 0));
  channel.pipe(stdout, { end: false });
  channel.stderr.pipe(stdout, { end: false });
  stdin.pipe(channel);
  return () => {
    stopResizing?.();
    stdin.unpipe(channel);
    // A terminal that is still read keeps the process alive.
    stdin.pause();
    if (raw) stdin.setRawMode?.(false);
  };
}
