import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { systemClock } from "../../src/clock.ts";

/**
 * A process that takes the lock of the file named by its first argument, without waiting, says `held` or `refused`, and
 * then holds it. By its second argument, `3 before`, it dies as by kill -9 before its third change of the disk, or by
 * `3 after` behind it. With `3 pause before` it first says `paused` and waits for a message; by `3 pause` it then goes on.
 */
const [, , path = "", at = ""] = process.argv;
const [nth, ...how] = at.split(" ");
let count = 0;

async function meet(moment: "before" | "after"): Promise<void> {
  if (moment === "before" && how.includes("pause")) {
    process.send?.("paused");
    await new Promise((resolve) => process.once("message", resolve));
  }
  if (how.includes(moment)) process.kill(process.pid, "SIGKILL");
}

const changes = files as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
for (const name of ["writeFile", "link", "rename", "rm"]) {
  const real = changes[name]!;
  changes[name] = async (...args) => {
    count += 1;
    if (count !== Number(nth)) return real(...args);
    await meet("before");
    // What fails, as a link to what is there, is over all the same.
    const [outcome] = await Promise.allSettled([real(...args)]);
    await meet("after");
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  };
}
syncBuiltinESMExports();

const { takeLock } = await import("../../src/state/lock.ts");
const taking = takeLock(path, { command: "peerctl up", clock: systemClock, wait: { ms: 0 } });
process.send?.(
  await taking.then(
    () => "held",
    (error: Error) => (error.message.includes("in use") ? "refused" : `failed: ${error.stack}`),
  ),
);
setInterval(() => {}, 1000);
