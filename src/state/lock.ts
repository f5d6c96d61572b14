import { readFileSync, rmSync } from "node:fs";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import * as v from "valibot";
import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import { Holder, thisProcess, whereIs } from "./holder.ts";
import { clearLeftovers } from "./lock-leftovers.ts";
import { cannotWrite } from "./write.ts";

export interface Lock {
  /** Gives the lock back. Harmless the second time, and where somebody took the file away. */
  release(): void;
}

interface Wanted {
  /** What this process runs; shown to whoever finds the lock held. */
  command: string;
  clock: Clock;
  signal?: AbortSignal;
  /** How long to wait for a live holder. */
  waitMs: number;
}

const pollMs = 100;

/**
 * Takes `<path>.lock`, so that one peerctl at a time changes `path`. A lock whose process is gone is taken over. Throws
 * UserError where a live process, or one on another host, holds it beyond `waitMs`, and where the disk takes no file; the
 * signal's reason when aborted. The lock is given back at the process's exit too.
 */
export async function takeLock(path: string, { command, clock, signal, waitMs }: Wanted): Promise<Lock> {
  const file = `${path}.lock`;
  const me = thisProcess(command, clock);
  // Written whole under another name and then linked, so that no one ever sees a lock without its holder.
  const offer = `${file}.${me.nonce}`;
  const deadline = clock.now() + waitMs;
  try {
    await writeFile(offer, `${JSON.stringify(me)}\n`, { flag: "wx", mode: 0o600 });
    for (;;) {
      const holder = await claim(file, offer, file);
      if (holder === undefined) break;
      const left = deadline - clock.now();
      if (left <= 0) throw inUse(path, holder, clock);
      await clock.sleep(Math.min(pollMs, left), signal);
    }
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? cannotWrite(path, error) : error;
  } finally {
    // Only a name of the lock now (or of nothing); left behind, it does no harm.
    await rm(offer, { force: true }).catch(() => {});
  }
  await clearLeftovers(file);
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
async function claim(file: string, offer: string, base: string): Promise<Found["holder"]> {
  for (;;) {
    if (await linked(offer, file)) return undefined;
    const found = await inspect(file);
    if (found === undefined) continue;
    if (!found.dead) return found.holder;
    const inheritance = `${base}.after-${found.id}`;
    const rival = await claim(inheritance, offer, base);
    if (rival !== undefined) return rival;
    if ((await inspect(file))?.id === found.id) {
      await rename(inheritance, file);
      return undefined;
    }
    await rm(inheritance);
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

interface Found {
  /** Tells this lock from any other that was or will be at the same path. */
  id: string;
  dead: boolean;
  holder: Holder | "unknown" | undefined;
}

/** What is at `file`, or undefined where nothing is. */
async function inspect(file: string): Promise<Found | undefined> {
  try {
    const text = await readFile(file, "utf8");
    const content = parseJson(text);
    const holder = v.safeParse(Holder, content);
    if (holder.success) {
      return { id: holder.output.nonce, dead: whereIs(holder.output) === "gone", holder: holder.output };
    }
    // A lock is linked whole, so one that is cut short was cut by a power failure, which its holder did not survive.
    // What is whole but of another form is not ours to judge.
    const { ino, mtimeMs } = await stat(file);
    return { id: `${ino}-${mtimeMs}`, dead: content === undefined, holder: "unknown" };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inUse(path: string, holder: Holder | "unknown", clock: Clock): UserError {
  const remove = `rm '${path}.lock'`;
  if (holder === "unknown") {
    return new UserError(
      `the state file ${path} is locked by something that is not this peerctl`,
      `if nothing uses it, remove the lock: ${remove}`,
    );
  }
  const { pid, host, command, startedAt } = holder;
  const seconds = Math.max(0, Math.round((clock.now() - Date.parse(startedAt)) / 1000));
  const age = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
  return new UserError(
    `the state file ${path} is in use by \`${command}\`, process ${pid} on ${host}, for ${age}`,
    whereIs(holder) === "elsewhere"
      ? `if that process is gone, remove the lock: ${remove}`
      : `wait until it is done, or stop it: kill ${pid}`,
  );
}
