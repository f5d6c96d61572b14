import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { CommanderError } from "commander";
import { type Dispatch, program } from "./cli.ts";
import { systemClock } from "./clock.ts";
import { peerctlWords } from "./config/command-words.ts";
import { resolveConfig } from "./config.ts";
import { exitCode, Interrupted } from "./errors.ts";
import { formatError } from "./report/error.ts";
import { type Doing, stoppedText } from "./report/stopped.ts";
import { terminalUi } from "./report/terminal.ts";

// On Node 20 the SDK says in every command that it will need Node 22 in 2027. That is for us to heed, not for our users.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** A change that is under way gets this long to come back and be recorded, in milliseconds; all ends within 2 s. */
const grace = 1200;

const controller = new AbortController();
// Everything that waits, waits on this one signal too.
setMaxListeners(0, controller.signal);
let interrupted: Interrupted | undefined;
/** What is known of this run, for what is said at its end. */
const known = { peerctl: "peerctl", doing: "looks" as Doing, state: "" };

/** Runs the command line of this process, and ends the process. */
export async function start(version: string): Promise<never> {
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => interrupt(name));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreGoneReader);
  try {
    await program(version, dispatch).parseAsync();
  } catch (error) {
    process.exitCode = fail(error);
  }
  // What is still open (a keep-alive connection, a terminal) must not keep a finished command.
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit();
}

/** Sets up one run. */
const dispatch: Dispatch = async (flags, work, command, doing) => {
  const { env, stdout } = process;
  const { signal } = controller;
  const config = resolveConfig({ flags, env, cwd: process.cwd() });
  Object.assign(known, { peerctl: peerctlWords(config), doing, state: config.state });
  process.exitCode = await work({
    config,
    ui: terminalUi(process, config, signal),
    clock: systemClock,
    env,
    signal,
    abort: (cause) => controller.abort(cause),
    get stdin() {
      return process.stdin;
    },
    stdout,
    command,
  });
};

/** A reader that has seen enough (`| head -1`) does not stop what is being made, nor is it an error. */
function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

function interrupt(name: "SIGINT" | "SIGTERM"): void {
  if (interrupted) process.exit(exitCode.interrupted);
  interrupted = new Interrupted(name);
  controller.abort(interrupted);
  setTimeout(() => {
    sayInterrupted();
    process.exit(exitCode.interrupted);
  }, grace).unref();
}

function fail(error: unknown): number {
  // Commander has printed help, the version or what is wrong with the command line itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.error;
  if (interrupted) {
    sayInterrupted();
    return exitCode.interrupted;
  }
  process.stderr.write(`${formatError(error, process.argv.includes("--verbose"), known.peerctl)}\n`);
  return exitCode.error;
}

function sayInterrupted(): void {
  const { signalName } = interrupted!;
  const text = stoppedText({ ...known, signalName, hasState: existsSync(known.state) });
  process.stderr.write(`\n${text}\n`);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
