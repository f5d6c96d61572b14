import type { ServerChannel } from "ssh2";
import type { Guest } from "./guest.ts";
import type { Job } from "./job.ts";
import { openTerminal } from "./terminal.ts";

/** What is typed further ahead waits at the client. */
const mostTypedAhead = 100;
/** What bash gives for a program that SIGINT ended. */
const interrupted = 130;

/** A login at a terminal, from the banner to `exit`; resolves with the shell's exit code, also when the client is gone. */
export async function interactive(channel: ServerChannel, guest: Guest, job: Job): Promise<number> {
  const { shell, outlet } = job;
  const terminal = openTerminal(outlet.raw);
  const lines: string[] = [];
  let closes = false;
  let wake: () => void = () => undefined;
  const prompt = () => terminal.prompt(`[${guest.user}@${guest.hostname().split(".")[0]} ~]$ `);

  channel.on("data", (bytes: Buffer) => {
    for (const stroke of terminal.type(bytes)) {
      if (stroke.kind === "line") lines.push(stroke.text);
      else if (stroke.kind === "end") closes = true;
      else {
        lines.length = 0;
        if (job.running) job.interrupt();
        else {
          outlet.raw("\r\n");
          prompt();
        }
      }
    }
    if (lines.length > mostTypedAhead || channel.writableNeedDrain) channel.pause();
    wake();
  });
  // The echo is output too: a client that does not read it may not go on typing.
  channel.on("drain", () => channel.resume());
  const close = () => {
    closes = true;
    wake();
  };
  channel.on("end", close);
  channel.on("close", close);

  outlet.out(banner(guest));
  prompt();
  while (!shell.exited && !job.ended) {
    const line = lines.shift();
    if (line !== undefined) {
      await job.run(line);
      if (shell.code === interrupted) outlet.out("\n");
      if (!shell.exited) prompt();
      await outlet.drained();
    } else if (closes) {
      break;
    } else {
      channel.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  outlet.out("logout\n");
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
