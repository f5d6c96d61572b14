import { systemClock } from "../../src/clock.ts";
import { takeLock } from "../../src/state/lock.ts";

/**
 * A process that takes the lock of the file named by its first argument, says so, and then does what the second one says:
 * `hold` until killed, `exit` without giving it back itself, or `count`: adds one to the file and gives the lock back.
 */
const [, , path = "", then = "hold"] = process.argv;

const ms = Number(process.env.WAIT_MS ?? 10_000);
const lock = await takeLock(path, { command: `peerctl ${then}`, clock: systemClock, wait: { ms } });
if (then === "count") {
  const { readFileSync, writeFileSync } = await import("node:fs");
  const count = Number(readFileSync(path, "utf8"));
  await new Promise(setImmediate);
  writeFileSync(path, String(count + 1));
  lock.release();
}
process.send?.("held");
if (then === "hold") setInterval(() => {}, 1000);
if (then === "exit") process.exit(0);
if (then === "count") process.disconnect?.();
