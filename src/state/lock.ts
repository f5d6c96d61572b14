import { readFileSync, rmSync } from "node:fs";
import { link, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import { type FoundLock, findLock } from "./found-lock.ts";
import { type System, thisProcess, thisSystem } from "./holder.ts";
import { inUse, use } from "./lock-in-use.ts";
import { clearLeftovers } from "./lock-leftovers.ts";
import { cannotWrite } from "./write.ts";

export interface Lock {
  /** Gives the lock back. Harmless the second time, and where somebody took the file away. */
  release(): void;
}

/** How long to wait for a live holder, in milliseconds. */
export interface LockWait {
  ms: number;
  /** Told once, where there is someone to wait for: `in use by ...`. */
  tell?: (use: string) => void;
}

interface Wanted {
  /** What this process runs; shown to whoever finds the lock held. */
  command: string;
  clock: Clock;
  signal?: AbortSignal;
  /** Not at all if left out. */
  wait?: LockWait;
  /** What is seen of other processes; tests see others. */
  system?: System;
}

const pollMs = 100;

/**
 * Takes `<path>.lock`, so that one peerctl at a time changes `path`. A lock whose process is gone is taken over. Throws
 * UserError where a live process, or one on another host, holds it beyond the wait, and where the disk takes no file; the
 * signal's reason when aborted. The lock is given back at the process's exit too.
 */
export async function takeLock(path: string, wanted: Wanted): Promise<Lock> {
  const { command, clock, signal, wait = { ms: 0 }, system = thisSystem() } = wanted;
  const file = `${path}.lock`;
  const me = thisProcess(command, clock, system);
  // Written whole under another name and then linked, so that no one ever sees a lock without its holder.
  const offer = `${file}.${me.nonce}`;
  const deadline = clock.now() + wait.ms;
  try {
    await writeFile(offer, `${JSON.stringify(me)}\n`, { flag: "wx", mode: 0o600 });
    let isTold = false;
    for (;;) {
      const holder = await claim(file, offer, file, system);
      if (holder === undefined) break;
      const left = deadline - clock.now();
      if (left <= 0) throw inUse(path, holder, clock, system);
      if (!isTold) wait.tell?.(use(holder, clock));
      isTold = true;
      await clock.sleep(Math.min(pollMs, left), signal);
    }
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? cannotWrite(path, error) : error;
  } finally {
    // Only a name of the lock now (or of nothing); left behind, it does no harm.
    await rm(offer, { force: true }).catch(() => {});
  }
  await clearLeftovers(file, system);
  return held(file, me.nonce);
}

function held(file: string, nonce: string): Lock {
  const release = () => {
    process.removeListener("exit", release);
    try {
      // Removed by hand, it may be another's by now.
      if (readFileSync(file, "utf8").includes(nonce)) rmSync(file);
    } catch (error) {
      // At the process's exit nobody can be told; and a lock left behind is taken over, its holder being gone.
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  };
  process.once("exit", release);
  return { release };
}

/**
 * Makes `file` a link to `offer`: resolves with undefined when it is, else with who is in the way.
 *
 * Of several that find the same dead holder, one may win. Each dead lock therefore has one inheritance, a file named for
 * the dead one's nonce and claimed as the lock itself is; only its owner may replace the lock, in one rename that uses
 * the inheritance up. One who comes late claims it anew, but then sees that the lock is not the dead one any more.
 */
async function claim(
  file: string,
  offer: string,
  base: string,
  system: System,
): Promise<FoundLock["holder"] | undefined> {
  for (;;) {
    if (await linked(offer, file)) return undefined;
    const found = await findLock(file, system);
    if (found === undefined) continue;
    if (!found.dead) return found.holder;
    const inheritance = `${base}.after-${found.id}`;
    const rival = await claim(inheritance, offer, base, system);
    if (rival !== undefined) return rival;
    const isThere = (await findLock(file, system))?.id === found.id;
    if (isThere && (await moved(inheritance, file))) return undefined;
    await rm(inheritance, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST") return false;
    // The folder has just taken a file, so that it is not for a lack of permission. EISDIR: Windows, on such a disk.
    if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EISDIR"].includes(code))
      throw noLinks(dirname(to), error);
    throw error;
  }
}

/** False where it was cleared away meanwhile, by one who has the lock. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function noLinks(folder: string, cause: unknown): UserError {
  return new UserError(
    `the file system of ${folder} has no hard links (${codeOf(cause)}), and a state file cannot be locked without`,
    "keep the state on another disk with --state FILE, and run the same command again",
    { cause },
  );
}
