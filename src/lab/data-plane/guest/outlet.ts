import type { ServerChannel } from "ssh2";
import type { Io } from "./guest.ts";

/** Where a session's programs print, over SSH. */
export interface Outlet extends Pick<Io, "out" | "err"> {
  /** As it stands, for a terminal that has done its own newlines. */
  raw(text: string): void;
  /** Resolves when the client has taken what was printed, or is gone. */
  drained(): Promise<void>;
  /** Tells the exit code and closes the channel. */
  finish(code: number): Promise<void>;
}

/** On a terminal (`pty`), stdout and stderr are one, and a newline becomes CR LF. */
export function openOutlet(channel: ServerChannel, pty: boolean): Outlet {
  // A channel fails when its connection does, and that is told by its "close".
  channel.on("error", () => channel.destroy());
  channel.stderr.on("error", () => channel.destroy());
  const raw = (text: string) => {
    if (channel.writable) channel.write(text);
  };
  const cooked = (text: string) => raw(text.replaceAll("\n", "\r\n"));
  const drained = async () => {
    for (const stream of [channel, channel.stderr]) {
      if (!stream.writableNeedDrain || channel.destroyed) continue;
      await new Promise<void>((resolve) => {
        stream.once("drain", resolve);
        channel.once("close", resolve);
      });
    }
  };
  return {
    raw,
    out: pty ? cooked : raw,
    err: pty
      ? cooked
      : (text) => {
          if (channel.writable) channel.stderr.write(text);
        },
    drained,
    finish: async (code) => {
      await drained();
      if (!channel.writable) return;
      channel.exit(code);
      channel.end();
    },
  };
}
