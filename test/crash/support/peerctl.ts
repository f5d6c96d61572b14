import { spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { program } from "../../../src/cli.ts";
import type { Clock } from "../../../src/clock.ts";
import { resolveConfig } from "../../../src/config.ts";
import { exitCode } from "../../../src/errors.ts";
import { formatError } from "../../../src/report/error.ts";
import { terminalUi } from "../../../src/report/terminal.ts";
import type { FastClock } from "./fast-clock.ts";
import type { Place } from "./place.ts";

/** What a run left behind for its caller. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

interface InProcess {
  clock?: Clock;
  /** Ends the run, as Ctrl-C does. */
  signal?: AbortSignal;
}

/** Runs peerctl in this process: the same subcommands and options, without the time that a process takes to start. */
export async function peerctl(
  place: Place,
  args: readonly string[],
  { clock = place.clock, signal }: InProcess = {},
): Promise<Outcome> {
  const stdout = collector();
  const stderr = collector();
  const stdin = new PassThrough();
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const interrupt = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", interrupt);
  let code: number = exitCode.done;
  const root = program("test", async (flags, work, command) => {
    const config = resolveConfig({ flags, env: place.env, cwd: place.folder });
    const streams = { stdin, stdout: stdout.stream, stderr: stderr.stream } as never;
    const ui = terminalUi(streams, config, controller.signal);
    code = await work({
      config,
      ui,
      clock,
      env: place.env,
      signal: controller.signal,
      abort: (cause) => controller.abort(cause),
      stdin: stdin as never,
      stdout: stdout.stream as never,
      command,
    });
  });
  try {
    await root.parseAsync(args, { from: "user" });
  } catch (error) {
    code = exitCode.error;
    stderr.stream.write(`${formatError(error, args.includes("--verbose"))}\n`);
  } finally {
    signal?.removeEventListener("abort", interrupt);
  }
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector() {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

const here = dirname(fileURLToPath(import.meta.url));
const binary = join(here, "../../../bin/peerctl.js");

/** The built program as a process of its own, which can be killed. */
export interface Child {
  /** Resolves when it has ended; `code` is null where a signal ended it. */
  ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
  kill(signal: NodeJS.Signals): void;
  readonly running: boolean;
}

/** @param atWrite what happens at a write of the state file, as at-write.js takes it */
export function startChild(place: Place, args: readonly string[], atWrite?: string): Child {
  const { forChild } = place.clock as Partial<FastClock>;
  const before = [...(forChild ? ["fast-time.js"] : []), ...(atWrite ? ["at-write.js"] : [])];
  const child = spawn(process.execPath, [...before.flatMap(imported), binary, ...args], {
    cwd: place.folder,
    env: { ...place.env, CRASH_CLOCK: forChild, CRASH_AT: atWrite },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (out.stdout += chunk));
  child.stderr.on("data", (chunk) => (out.stderr += chunk));
  let running = true;
  const ended = once(child, "close").then(([code, signal]) => {
    running = false;
    return { code, signal, ...out };
  });
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    get running() {
      return running;
    },
  };
}

/** How Node is told to load `file` of this folder before all else. */
function imported(file: string): string[] {
  return ["--import", join(here, file)];
}
