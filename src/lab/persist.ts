import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { seededIds } from "./ids.ts";
import type { World } from "./world.ts";

const version = 1;

/** The world as JSON text; what comes from the lab's options (profile, quotas) is left out. */
export function worldText({ now, tables, peerings, due, pushedKeys, ids }: World): string {
  return JSON.stringify({ version, now, tables, peerings, due, pushedKeys, ids: ids.state }, tagged);
}

/** What `worldText` wrote, with the profile and quotas of `options`. Throws where the text is anything else. */
export function worldFrom(text: string, { profile, quotas }: Pick<World, "profile" | "quotas">): World {
  const saved = JSON.parse(text, untagged) as Omit<World, "ids"> & { version: unknown; ids: number };
  if (saved.version !== version) throw new Error(`its version is ${saved.version}, not ${version}`);
  const { now, tables, peerings, due, pushedKeys, ids } = saved;
  const whole =
    tables instanceof Map && peerings instanceof Map && pushedKeys instanceof Map && Array.isArray(due);
  if (!whole || !Number.isFinite(ids) || !Number.isFinite(now)) throw new Error("parts of it are missing");
  return { now, tables, peerings, due, pushedKeys, ids: seededIds(ids), profile, ...(quotas && { quotas }) };
}

/** JSON has neither Maps nor Dates. `value` is a Date's text already; `this` still holds the Date. */
function tagged(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key];
  if (raw instanceof Date) return { $date: raw.getTime() };
  return value instanceof Map ? { $map: [...value] } : value;
}

function untagged(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$map" in value) return new Map(value.$map as [unknown, unknown][]);
  return "$date" in value ? new Date(value.$date as number) : value;
}

/** The world that the file holds; undefined where there is no file. Any other trouble is an error that names the file. */
export async function loadWorld(
  path: string,
  options: Pick<World, "profile" | "quotas">,
): Promise<World | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`the lab's file ${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
  try {
    return worldFrom(text, options);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new Error(`the lab's file ${path} is damaged (${why}); move it away to start an empty lab`, {
      cause,
    });
  }
}

/** Writes a text to a file, again and again, a whole one each time. */
export interface Saver {
  /** Resolves once a text made after this call is in the file. Calls that come together share one write. */
  save(): Promise<void>;
}

/**
 * Each write goes to a temporary file that then takes the file's name, so that a killed lab leaves the last whole one.
 * Nothing is fsynced: this guards against the end of the process, not of the machine.
 */
export function saver(path: string, text: () => string): Saver {
  let last: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  const write = async () => {
    waiting = undefined;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.tmp`, text(), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  };
  return {
    save: () => {
      // One that failed was reported to those who waited for it; the next tries anew.
      waiting ??= last = last.catch(() => undefined).then(write);
      return waiting;
    },
  };
}
