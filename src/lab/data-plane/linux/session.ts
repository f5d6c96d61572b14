import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { PseudoTtyInfo, ServerChannel, Session } from "ssh2";
import type { EnterInside } from "./inside.ts";
import { killGroup } from "./kill-group.ts";
import { atTerminal, resizer, terminalName, type WindowSize } from "./terminal.ts";

/** Bash's exit code for what a signal ended is this and the signal's number. */
const signalled = 128;

/** Serves one SSH session with real programs; `inside` resolves when the instance has booted that far. */
export function serveRealSession(session: Session, inside: () => Promise<EnterInside>): void {
  let terminal: PseudoTtyInfo | undefined;
  let running: ReturnType<typeof start> | undefined;
  let resize: ((size: WindowSize) => void) | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (running) killGroup(running, name);
  };
  const run = async (channel: ServerChannel, command: readonly string[]) => {
    const enter = await inside();
    if (channel.destroyed) return;
    if (!terminal) {
      running = start(enter(command), channel);
    } else {
      const first = terminal;
      running = start(enter(atTerminal(command, first), environment(first)), channel);
      const name = await terminalName(running.stdout);
      if (name !== undefined) resize = resizer(enter, name);
      if (terminal !== first) resize?.(terminal);
    }
    connect(running, channel);
  };
  const serve = (channel: ServerChannel, command: readonly string[]) => {
    channel.on("close", () => signal("SIGKILL"));
    // A channel fails when its connection does, and that is told by its "close".
    channel.on("error", () => channel.destroy());
    channel.stderr.on("error", () => channel.destroy());
    run(channel, command).catch((error: unknown) => {
      channel.stderr.write(`peerctl lab: ${error instanceof Error ? error.message : error}\n`);
      channel.exit(255);
      channel.end();
    });
  };

  session.on("pty", (accept, _reject, info) => {
    terminal = info;
    accept?.();
  });
  session.on("window-change", (accept, _reject, { rows, cols }) => {
    if (terminal) terminal = { ...terminal, rows, cols };
    resize?.({ rows, cols });
    accept?.();
  });
  session.on("signal", (accept, _reject, { name }) => {
    accept?.();
    const full = name.startsWith("SIG") ? name : `SIG${name}`;
    if (full in constants.signals) signal(full as NodeJS.Signals);
  });
  session.on("exec", (accept, _reject, { command }) => serve(accept(), ["bash", "-c", command]));
  session.on("shell", (accept) => serve(accept(), ["bash", "--login"]));
}

/** Input waits until `connect`: what came before the terminal's own first line would be echoed in front of it. */
function start([program, ...args]: [string, ...string[]], channel: ServerChannel) {
  const child = spawn(program, args, { detached: true, stdio: "pipe" });
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

function connect(child: ReturnType<typeof start>, channel: ServerChannel): void {
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
}

function environment(terminal: PseudoTtyInfo): Record<string, string> {
  const { term } = terminal as PseudoTtyInfo & { term?: string };
  return { TERM: term && /^[\w.+-]+$/.test(term) ? term : "xterm" };
}
