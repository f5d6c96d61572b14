import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { writeAtomically } from "../../src/state/write.ts";
import { temporaryFolder } from "./samples.ts";

/** What fsync of a folder fails with; undefined: it works. */
let folderSync: string | undefined;
/** What fsync of a file fails with. */
let fileSync: string | undefined;

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const code = (await handle.stat()).isDirectory() ? folderSync : fileSync;
      if (code) handle.sync = () => Promise.reject(Object.assign(new Error(`${code}: fsync`), { code }));
      return handle;
    },
  };
});

beforeEach(() => {
  folderSync = undefined;
  fileSync = undefined;
});

const target = async () => join(await temporaryFolder(), "state.json");

test.each(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EISDIR"])(
  "a file system that has no fsync of folders (%s) is written to all the same",
  async (code) => {
    folderSync = code;
    const path = await target();
    await writeAtomically(path, "one");
    await writeAtomically(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, ".."))).toEqual(["state.json"]);
  },
);

test.each(["EIO", "ENOSPC"])("a folder that fails by %s is an error, and the file is whole", async (code) => {
  const path = await target();
  await writeAtomically(path, "one");
  folderSync = code;
  await expect(writeAtomically(path, "two")).rejects.toThrow(`cannot write the state file ${path}: `);
  expect(await readFile(path, "utf8")).toBe("two");
  expect(await readdir(join(path, ".."))).toEqual(["state.json"]);
});

test.each(["EINVAL", "EIO"])("a file that cannot be kept (%s) does not replace the old one", async (code) => {
  const path = await target();
  await writeAtomically(path, "one");
  fileSync = code;
  await expect(writeAtomically(path, "two")).rejects.toThrow(`cannot write the state file ${path}: `);
  expect(await readFile(path, "utf8")).toBe("one");
  expect(await readdir(join(path, ".."))).toEqual(["state.json"]);
});
