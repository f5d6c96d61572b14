import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { describeCause, UserError } from "../errors.ts";

/**
 * Replaces `path` by `text` so that a reader, or whoever comes after a crash at any instant, finds the old content or the
 * new one, whole. Resolves when the new one would survive a power cut (where the file system has a way to say so). The file
 * is its owner's alone (0600). Throws UserError where it cannot: the old content is then still there, or, where the rename
 * alone could not be made durable, the new one.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const next = `${path}.tmp`;
  try {
    await rm(next, { force: true });
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
    await syncFolderOf(path);
  } catch (cause) {
    // The first failure is the one to tell; a leftover is removed by the next write.
    await rm(next, { force: true }).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

/** Makes a rename or a removal durable: the name is the folder's content. Windows has no such call and needs none. */
export async function syncFolderOf(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } catch (error) {
    if (!isNoSuchCall(error)) throw error;
  } finally {
    await folder.close();
  }
}

/**
 * Some file systems (SMB, shared folders of virtual machines, some of FUSE) cannot be told to keep a folder: there what
 * fsync gives is what can be had. A disk that failed says so by other codes. https://man7.org/linux/man-pages/man2/fsync.2.html
 */
function isNoSuchCall(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EISDIR"].includes(code);
}

const whyNot: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder is a file",
  EISDIR: "it is a folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
};

/** The error for a state file (or its lock) that the disk did not take. */
export function cannotWrite(path: string, cause: unknown): UserError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return new UserError(
    `cannot write the state file ${path}: ${whyNot[code] ?? describeCause(cause)}`,
    code === "ENOENT"
      ? `make the folder: mkdir -p '${dirname(path)}'`
      : "make it writable, or keep the state elsewhere with --state FILE, and run the same command again",
    { cause },
  );
}

export interface GroupCommit {
  /** Asks for a write; resolves when everything that was true at the time of asking is written. */
  commit(): Promise<void>;
  /** Resolves when nothing is being written any more; rejects if a write has failed. */
  idle(): Promise<void>;
}

/**
 * Turns many requests to write into few writes: those that come while a write is under way share the next. After a write
 * has failed, every later request fails with the same error and nothing more is written.
 */
export function groupCommit(write: () => Promise<void>): GroupCommit {
  let last = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return {
    commit() {
      if (!waiting) {
        waiting = last.then(() => {
          waiting = undefined;
          return write();
        });
        last = waiting;
      }
      return waiting;
    },
    idle: () => last,
  };
}
