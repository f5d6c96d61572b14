import type { ServerChannel } from "ssh2";
import type { Guest } from "./guest.ts";
import type { Outlet } from "./outlet.ts";
import type { Shell } from "./shell.ts";
import { openTerminal } from "./terminal.ts";

/** What is typed further ahead waits at the client. */
const mostTypedAhead = 100;
/** What bash gives for a program that SIGINT ended. */
const interrupted = 130;

/**
 * A login at a terminal, from the banner to `exit`; resolves with the shell's exit code, also when the client is gone.
 * `interrupt` stops the program that is running.
 */
export async function interactive(
  channel: ServerChannel,
  shell: Shell,
  guest: Guest,
  outlet: Outlet,
  interrupt: () => void,
): Promise<number> {
  const terminal = openTerminal(outlet.raw);
  const lines: string[] = [];
  let ended = false;
  let running = false;
  let wake: () => void = () => undefined;
  const prompt = () => `[${guest.user}@${guest.hostname().split(".")[0]} ~]$ `;

  channel.on("data", (bytes: Buffer) => {
    for (const stroke of terminal.type(bytes)) {
      if (stroke.kind === "line") lines.push(stroke.text);
      else if (stroke.kind === "end") ended = true;
      else {
        lines.length = 0;
        if (running) interrupt();
        else {
          outlet.raw("\r\n");
          terminal.prompt(prompt());
        }
      }
    }
    if (lines.length > mostTypedAhead || channel.writableNeedDrain) channel.pause();
    wake();
  });
  // The echo is output too: a client that does not read it may not go on typing.
  channel.on("drain", () => channel.resume());
  const end = () => {
    ended = true;
    wake();
  };
  channel.on("end", end);
  channel.on("close", end);

  outlet.out(banner(guest));
  terminal.prompt(prompt());
  while (!shell.exited && !channel.destroyed) {
    const line = lines.shift();
    if (line !== undefined) {
      running = true;
      await shell.run(line, outlet);
      running = false;
      if (shell.code === interrupted) outlet.out("\n");
      if (!shell.exited) terminal.prompt(prompt());
      await outlet.drained();
    } else if (ended) {
      outlet.out("logout\n");
      return shell.code;
    } else {
      channel.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  if (shell.exited) outlet.out("logout\n");
  return shell.code;
}

/** Says what this is: a model, so that nobody takes its few programs for a broken Linux. */
function banner(guest: Guest): string {
  return [
    "",
    "   A peerctl lab instance, modelled on Amazon Linux 2023.",
    `   ${guest.hostname()}   ${guest.links()[0]?.addresses[0] ?? ""}`,
    "   It knows ping, ip addr, ip route, hostname and a few more.",
    "",
    "",
  ].join("\n");
}
