import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { type FoundLock, findLock } from "./found-lock.ts";
import { Holder, type System } from "./holder.ts";

/**
 * Removes what processes that were killed while they took the lock `file` left beside it: offers, and claims to locks that
 * are not there any more. Only for the one who holds the lock, as what is claimed of any other lock leads nowhere then.
 * What belongs to a process that runs, or may run elsewhere, stays, and so does what is not a lock's. Never rejects: what
 * is left does no harm.
 */
export async function clearLeftovers(file: string, system: System): Promise<void> {
  const folder = dirname(file);
  const names = await readdir(folder).catch((): string[] => []);
  const suffixes = names
    .filter((name) => name.startsWith(`${basename(file)}.`))
    .map((name) => name.slice(basename(file).length + 1));
  await Promise.all(
    suffixes.map(async (suffix) => {
      const leftover = join(folder, `${basename(file)}.${suffix}`);
      if (isNonce(suffix)) await clear(leftover, system, isWhole);
      else if (isClaim(suffix)) await clear(leftover, system, () => true);
    }),
  );
}

const isNonce = (text: string) => v.is(Holder.entries.nonce, text);

/** Named for the lock that it was to inherit: by its nonce, or, where that was torn, by its inode and time. */
function isClaim(suffix: string): boolean {
  const [, id] = /^after-(.+)$/.exec(suffix) ?? [];
  return id !== undefined && (isNonce(id) || /^\d+-\d+(\.\d+)?$/.test(id));
}

/** An offer that is cut short may be one that is being written. */
const isWhole = ({ holder }: FoundLock) => holder !== "unknown";

async function clear(leftover: string, system: System, may: (found: FoundLock) => boolean): Promise<void> {
  try {
    const found = await findLock(leftover, system);
    if (found?.dead && may(found)) await rm(leftover, { force: true });
  } catch {
    // Gone meanwhile, or not ours to read.
  }
}
