import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test, vi } from "vitest";
import { UserError } from "../../src/errors.ts";
import { takeLock } from "../../src/state/lock.ts";
import { handClock, temporaryFolder } from "./samples.ts";

/** exFAT and FAT say EPERM, SMB ENOTSUP or EOPNOTSUPP, some of FUSE ENOSYS; Windows says EISDIR. */
let code = "";

vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  link: () => Promise.reject(Object.assign(new Error(`${code}: link`), { code, syscall: "link" })),
}));

test.each(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EISDIR"])(
  "a file system without hard links (%s) is named as one, and nothing is left on it",
  async (given) => {
    code = given;
    const path = join(await temporaryFolder(), "state.json");
    const taking = takeLock(path, { command: "peerctl up", clock: handClock(), wait: { ms: 0 } });
    const error = await taking.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    const { message, remedy } = error as UserError;
    expect(message).toBe(
      `the file system of ${dirname(path)} has no hard links (${code}), and a state file cannot be locked without`,
    );
    expect(remedy).toMatch(/--state FILE/);
    expect(await readdir(dirname(path))).toEqual([]);
  },
);

test("a disk that fails at a link is told as such", async () => {
  code = "EIO";
  const path = join(await temporaryFolder(), "state.json");
  const taking = takeLock(path, { command: "peerctl up", clock: handClock(), wait: { ms: 0 } });
  await expect(taking).rejects.toThrow(`cannot write the state file ${path}: EIO: link`);
});
