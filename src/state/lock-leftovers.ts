import { readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { Holder, whereIs } from "./holder.ts";

/**
 * Removes what processes that were killed while they took the lock `file` left beside it. What belongs to a process that
 * runs, or may run elsewhere, stays, and so does what is not a lock's. Never rejects: what is left does no harm.
 */
export async function clearLeftovers(file: string): Promise<void> {
  const folder = dirname(file);
  const names = await readdir(folder).catch((): string[] => []);
  const isOffer = (name: string) =>
    name.startsWith(`${basename(file)}.`) && isNonce(name.slice(basename(file).length + 1));
  await Promise.all(names.filter(isOffer).map((name) => clear(join(folder, name))));
}

function isNonce(text: string): boolean {
  return v.is(Holder.entries.nonce, text);
}

async function clear(offer: string): Promise<void> {
  try {
    const holder = v.safeParse(Holder, JSON.parse(await readFile(offer, "utf8")));
    if (holder.success && whereIs(holder.output) === "gone") await rm(offer, { force: true });
  } catch {
    // Gone meanwhile, being written, or not ours to read.
  }
}
