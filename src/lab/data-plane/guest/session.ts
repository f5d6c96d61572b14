import type { ServerChannel, Session } from "ssh2";
import type { Guest } from "./guest.ts";
import { interactive } from "./interactive.ts";
import { type Outlet, openOutlet } from "./outlet.ts";
import { openShell, type Shell } from "./shell.ts";

/** A script's line that is longer is no line: bash has no limit, the lab's memory has. */
const longestLine = 65_536;

/**
 * Serves one SSH session: a terminal, a command or a script on stdin. What the client asks for beyond (SFTP, forwarding,
 * X11) is refused by ssh2 itself, for nobody listens to it.
 */
export function serveSession(session: Session, guest: Guest): void {
  let pty = false;
  let running = new AbortController();
  const interrupt = () => {
    running.abort();
    running = new AbortController();
  };
  const serve = (channel: ServerChannel, run: (outlet: Outlet) => Promise<number>) => {
    const outlet = openOutlet(channel, pty, () => running.signal);
    channel.on("close", interrupt);
    run(outlet)
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
    if (/^(SIG)?(INT|TERM|HUP|QUIT|KILL)$/.test(name)) interrupt();
  });
  session.on("exec", (accept, _reject, { command }) => {
    const channel = accept();
    channel.on("data", (bytes: Buffer) => {
      if (pty && bytes.includes(3)) interrupt();
    });
    serve(channel, async (outlet) => {
      const shell = openShell(guest, "bash");
      await shell.run(command, outlet);
      return shell.code;
    });
  });
  session.on("shell", (accept) => {
    const channel = accept();
    const shell = openShell(guest, "-bash");
    serve(channel, (outlet) =>
      pty ? interactive(channel, shell, guest, outlet, interrupt) : script(channel, shell, outlet),
    );
  });
}

/** Runs what comes on stdin, a line at a time; reads on only when the line is done and its output is on its way. */
async function script(channel: ServerChannel, shell: Shell, outlet: Outlet): Promise<number> {
  let pending = "";
  for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
    const lines = (pending + String(chunk)).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      await shell.run(line, outlet);
      await outlet.drained();
      if (shell.exited) return shell.code;
    }
    if (pending.length > longestLine) {
      outlet.err("-bash: line too long\n");
      return 2;
    }
  }
  await shell.run(pending, outlet);
  return shell.code;
}
