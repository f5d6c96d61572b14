import { setMaxListeners } from "node:events";
import { CommanderError } from "commander";
import { program } from "./cli.ts";
import { systemClock } from "./clock.ts";
import type { Run } from "./commands/run.ts";
import { resolveConfig } from "./config.ts";
import { exitCode, Interrupted } from "./errors.ts";
import { formatError } from "./report/error.ts";
import { terminalUi } from "./report/terminal.ts";
import { version } from "./version.ts";

// On Node 20 the SDK says in every command that it will need Node 22 in 2027. That is for us to heed, not for our users.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** A change that is under way gets this long to come back and be recorded, in milliseconds. */
const grace = 1500;

const controller = new AbortController();
// Everything that waits, waits on this one signal too.
setMaxListeners(0, controller.signal);
let interrupted: Interrupted | undefined;

for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    if (interrupted) process.exit(exitCode.interrupted);
    interrupted = new Interrupted(name);
    controller.abort(interrupted);
    setTimeout(() => {
      sayInterrupted();
      process.exit(exitCode.interrupted);
    }, grace).unref();
  });
}

const command = process.argv.slice(2);

const root = program(version, async (flags, work) => {
  const config = resolveConfig({ flags, env: process.env, cwd: process.cwd() });
  const ui = terminalUi(process, config);
  const run: Run = {
    config,
    ui,
    clock: systemClock,
    env: process.env,
    signal: controller.signal,
    abort: (cause) => controller.abort(cause),
    stdin: process.stdin,
    stdout: process.stdout,
    command: ["peerctl", ...command].join(" "),
  };
  process.exitCode = await work(run);
});

try {
  await root.parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}
// What is still open (a keep-alive connection, a terminal) must not keep a finished command.
await flushed(process.stdout);
await flushed(process.stderr);
process.exit();

function fail(error: unknown): number {
  // Commander has printed help, the version or what is wrong with the command line itself.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.error;
  if (interrupted) {
    sayInterrupted();
    return exitCode.interrupted;
  }
  process.stderr.write(`${formatError(error, process.argv.includes("--verbose"))}\n`);
  return exitCode.error;
}

function sayInterrupted(): void {
  const { signalName } = interrupted!;
  process.stderr.write(
    `\npeerctl: ${signalName}: stopped; what was made is in the state file. Go on with the same command, or remove it: peerctl down\n`,
  );
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}
