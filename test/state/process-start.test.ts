import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startByProc, startByPs } from "../../src/state/process-start.ts";
import { temporaryFolder } from "./samples.ts";

test.runIf(process.platform === "linux")(
  "/proc tells two processes apart, and the same one is the same",
  async () => {
    const startOf = startByProc("boot");
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    expect(startOf(process.pid)).toMatch(/^boot\/\d+$/);
    expect(startOf(child.pid!)).toMatch(/^boot\/\d+$/);
    expect(startOf(child.pid!)).not.toBe(startOf(process.pid));
    expect(startOf(child.pid!)).toBe(startOf(child.pid!));
    child.kill();
    await once(child, "exit");
    expect(startOf(child.pid!)).toBeUndefined();
  },
);

describe("ps, as it is where there is no /proc", () => {
  const path = process.env.PATH;
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    process.env.PATH = `${folder}:${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
  });
  const ps = async (script: string) => {
    await writeFile(join(folder, "ps"), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, "ps"), 0o755);
  };

  test.each([
    ["it runs", "echo 'S+   Tue Nov  4 05:00:09 2026    '", "Tue Nov 4 05:00:09 2026"],
    ["it ended and is still shown", "echo 'Z    Tue Nov 24 05:00:09 2026'", null],
    ["it is not there", "exit 1", undefined],
    ["this ps knows no such option", "echo 'ps: illegal option' >&2; exit 1", undefined],
    ["it says something else", "echo", undefined],
  ])("%s", async (_what, script, start) => {
    await ps(script);
    expect(startByPs(123)).toBe(start);
  });

  test("it is asked for this process, and for a time that does not depend on the place", async () => {
    await ps(`echo "S $LC_ALL $TZ $*"`);
    expect(startByPs(123)).toBe("C UTC -o stat= -o lstart= -p 123");
  });

  test("there is no ps", () => {
    process.env.PATH = "/nowhere";
    expect(startByPs(123)).toBeUndefined();
  });
});

test("the real ps says of this process what it said before", () => {
  const start = startByPs(process.pid);
  // A machine may have none, or one that knows less.
  if (start !== undefined) expect(start).toMatch(/^\w{3} \w{3} \d+ [\d:]{8} \d{4}$/);
  expect(startByPs(process.pid)).toBe(start);
});
