import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { SightError } from "../sight.ts";
import type { EnterInside } from "./inside.ts";
import { killGroup } from "./kill-group.ts";

/** What tcpdump says first when it captures. */
const begun = /listening on/;

/**
 * Runs tcpdump inside of an instance, until `signal` aborts or the instance ends. Resolves with its output once it captures;
 * rejects with a SightError, in tcpdump's own words, where it does not.
 */
export async function openCapture(
  enter: EnterInside,
  filter: string,
  signal: AbortSignal,
): Promise<Readable> {
  if (filter.startsWith("-")) throw new SightError(`"${filter}" is no filter of tcpdump's`);
  if (signal.aborted) throw new SightError("nobody wants the capture any more");
  const [program, ...args] = enter(["sh", "-c", captureScript, "sh", filter]);
  const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const stop = () => killGroup(child, "SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  await capturing(child);
  return child.stdout;
}

const captureScript = `
command -v tcpdump >/dev/null || { echo "there is no tcpdump on this machine"; exit 127; }
exec tcpdump -l -n -i any -- "$1" 2>&1
`;

function capturing(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (bytes: Buffer) => {
      said += bytes;
      if (!begun.test(said)) return;
      child.stdout.off("data", hear).pause();
      child.stdout.unshift(Buffer.from(said));
      resolve();
    };
    child.stdout.on("data", hear);
    child.once("error", (error) => reject(new SightError(error.message)));
    child.once("close", () => reject(new SightError(said.trim() || "the capture ended before it began")));
  });
}
