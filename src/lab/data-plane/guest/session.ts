import type { ServerChannel, Session } from "ssh2";
import type { Guest } from "./guest.ts";
import { interactive } from "./interactive.ts";
import { type Job, openJob } from "./job.ts";
import { openOutlet } from "./outlet.ts";
import { openShell } from "./shell.ts";

/** A script's line that is longer is no line: bash has no limit, the lab's memory has. */
const longestLine = 65_536;
/** Ctrl-C. */
const interruptKey = 3;

/**
 * Serves one SSH session: a terminal, a command or a script on stdin. What the client asks for beyond (SFTP, forwarding,
 * X11) is refused by ssh2 itself, for nobody listens to it.
 */
export function serveSession(session: Session, guest: Guest): void {
  let pty = false;
  let job: Job | undefined;
  const serve = (channel: ServerChannel, name: "bash" | "-bash", run: (job: Job) => Promise<number>) => {
    const started = openJob(openShell(guest, name), openOutlet(channel, pty));
    const { outlet } = started;
    job = started;
    channel.on("close", started.end);
    run(started)
      .catch((error: unknown) => {
        // A bug of the model: the one who sees the session sees it, and the lab lives on.
        outlet.err(`peerctl lab: ${error instanceof Error ? error.stack : error}\n`);
        return 255;
      })
      .then((code) => outlet.finish(code));
  };

  session.on("pty", (accept) => {
    pty = true;
    accept?.();
  });
  session.on("window-change", (accept) => accept?.());
  session.on("signal", (accept, _reject, { name }) => {
    accept?.();
    if (/^(SIG)?INT$/.test(name)) job?.interrupt();
    else if (/^(SIG)?(TERM|HUP|QUIT|KILL)$/.test(name)) job?.end();
  });
  session.on("exec", (accept, _reject, { command }) => {
    const channel = accept();
    channel.on("data", (bytes: Buffer) => {
      if (pty && bytes.includes(interruptKey)) job?.interrupt();
    });
    serve(channel, "bash", async ({ run, shell }) => {
      await run(command);
      return shell.code;
    });
  });
  session.on("shell", (accept) => {
    const channel = accept();
    serve(channel, "-bash", (started) =>
      pty ? interactive(channel, guest, started) : script(channel, started),
    );
  });
}

/** Runs what comes on stdin, a line at a time; reads on only when the line is done and its output is on its way. */
async function script(channel: ServerChannel, { run, shell, outlet }: Job): Promise<number> {
  let pending = "";
  for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
    const lines = (pending + String(chunk)).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      await run(line);
      await outlet.drained();
      if (shell.exited) return shell.code;
    }
    if (pending.length > longestLine) {
      outlet.err("-bash: line too long\n");
      return 2;
    }
  }
  await run(pending);
  return shell.code;
}
