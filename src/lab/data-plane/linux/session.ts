import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { PseudoTtyInfo, ServerChannel, Session } from "ssh2";
import type { EnterInside } from "./inside.ts";

/** Bash's exit code for what a signal ended is this and the signal's number. */
const signalled = 128;

/** Serves one SSH session with real programs; `inside` resolves when the instance has booted that far. */
export function serveRealSession(session: Session, inside: () => Promise<EnterInside>): void {
  let terminal: PseudoTtyInfo | undefined;
  let running: ChildProcess | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    process.kill(-running.pid, name);
  };
  const serve = (channel: ServerChannel, command: readonly string[]) => {
    channel.on("close", () => signal("SIGKILL"));
    // A channel fails when its connection does, and that is told by its "close".
    channel.on("error", () => channel.destroy());
    channel.stderr.on("error", () => channel.destroy());
    inside()
      .then((enter) => {
        if (channel.destroyed) return;
        running = run(enter, command, channel, terminal);
      })
      .catch((error: unknown) => {
        channel.stderr.write(`peerctl lab: ${error instanceof Error ? error.message : error}\n`);
        channel.exit(255);
        channel.end();
      });
  };

  session.on("pty", (accept, _reject, info) => {
    terminal = info;
    accept?.();
  });
  session.on("window-change", (accept) => accept?.());
  session.on("signal", (accept, _reject, { name }) => {
    accept?.();
    const full = name.startsWith("SIG") ? name : `SIG${name}`;
    if (full in constants.signals) signal(full as NodeJS.Signals);
  });
  session.on("exec", (accept, _reject, { command }) => serve(accept(), ["bash", "-c", command]));
  session.on("shell", (accept) => serve(accept(), ["bash", "--login"]));
}

function run(
  enter: EnterInside,
  command: readonly string[],
  channel: ServerChannel,
  terminal: PseudoTtyInfo | undefined,
): ChildProcess {
  const [program, ...args] = terminal
    ? enter(onTerminal(command, terminal), environment(terminal))
    : enter(command);
  const child = spawn(program, args, { detached: true, stdio: "pipe" });
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // A program need not read its input to the end.
  child.stdin.on("error", () => channel.unpipe(child.stdin));
  child.once("error", (error) => channel.stderr.write(`peerctl lab: ${error.message}\n`));
  child.once("close", (code, name) => {
    if (channel.writable) {
      channel.exit(code ?? signalled + (name ? constants.signals[name] : 0));
      channel.end();
    }
  });
  return child;
}

/** `script` makes the terminal; its size is as the client's was when it asked. */
function onTerminal(command: readonly string[], { rows, cols }: PseudoTtyInfo): string[] {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return ["script", "-qec", `stty rows ${rows || 24} cols ${cols || 80}; exec ${quoted}`, "/dev/null"];
}

function environment(terminal: PseudoTtyInfo): Record<string, string> {
  const { term } = terminal as PseudoTtyInfo & { term?: string };
  return { TERM: term && /^[\w.+-]+$/.test(term) ? term : "xterm" };
}
