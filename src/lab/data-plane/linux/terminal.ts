import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { EnterInside } from "./inside.ts";

/** In characters; 0 where the client does not know. */
export interface WindowSize {
  rows: number;
  cols: number;
}

/**
 * The command line that runs `command` at a terminal of its own, which `script` makes. The first line that comes out of it is
 * the terminal's name, by which `stty` gives it another size later: https://man7.org/linux/man-pages/man1/script.1.html
 */
export function atTerminal(command: readonly string[], size: WindowSize): string[] {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return ["script", "-qec", `stty ${sizeWords(size).join(" ")}; tty; exec ${quoted}`, "/dev/null"];
}

/** Takes the terminal's name off the output. Undefined where it ended before, or said something else. */
export function terminalName(output: Readable): Promise<string | undefined> {
  let text = Buffer.alloc(0);
  return new Promise((resolve) => {
    const settle = (name: string | undefined, rest: Buffer) => {
      output.off("data", take);
      output.off("end", end);
      output.pause();
      if (rest.length > 0) output.unshift(rest);
      resolve(name);
    };
    const end = () => resolve(undefined);
    const take = (bytes: Buffer) => {
      text = Buffer.concat([text, bytes]);
      const line = text.indexOf("\n");
      if (line < 0) return;
      const name = text.toString("utf8", 0, line).trim();
      if (/^\/dev\/pts\/\d+$/.test(name)) settle(name, text.subarray(line + 1));
      else settle(undefined, text);
    };
    output.on("data", take);
    output.once("end", end);
  });
}

/**
 * Follows the client's window: the kernel tells the program in front by SIGWINCH. A window may change faster than a terminal,
 * so one change is made at a time, and of those that come meanwhile the last one counts.
 */
export function resizer(enter: EnterInside, name: string): (size: WindowSize) => void {
  let wanted: WindowSize | undefined;
  let running: ChildProcess | undefined;
  const next = () => {
    running = undefined;
    if (!wanted) return;
    const [program, ...args] = enter(["stty", "-F", name, ...sizeWords(wanted)]);
    wanted = undefined;
    // It fails where the program has ended meanwhile, and the terminal with it: then nobody minds its size.
    running = spawn(program, args, { stdio: "ignore" }).once("error", next).once("close", next);
  };
  return (size) => {
    wanted = size;
    if (!running) next();
  };
}

function sizeWords({ rows, cols }: WindowSize): string[] {
  return ["rows", String(rows || 24), "cols", String(cols || 80)];
}
