import { readFile, stat } from "node:fs/promises";
import * as v from "valibot";
import { Holder, type System, whereIs } from "./holder.ts";

/** A lock file as it was found. */
export interface FoundLock {
  /** Tells this lock from any other that was or will be at the same path. */
  id: string;
  /** Whether its process is gone for certain. */
  dead: boolean;
  holder: Holder | "unknown";
}

/** The lock at `file`, or undefined where nothing is. */
export async function findLock(file: string, system: System): Promise<FoundLock | undefined> {
  try {
    const text = await readFile(file, "utf8");
    const content = parseJson(text);
    const holder = v.safeParse(Holder, content);
    if (holder.success) {
      return {
        id: holder.output.nonce,
        dead: whereIs(holder.output, system) === "gone",
        holder: holder.output,
      };
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
