import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { place } from "../support/program.ts";

const cli = place({ withLab: false });

/** A cache of its own, and a run with it. */
function cache(name: string) {
  const home = join(cli.folder, name);
  const folder = join(home, "peerctl");
  const help = async (more: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await cli.start(["help", "up"], {
      env: { XDG_CACHE_HOME: home, ...more },
    }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Usage: peerctl up");
  };
  const files = () =>
    Object.fromEntries(
      readdirSync(folder).map((file) => [file, readFileSync(join(folder, file)).toString("latin1")]),
    );
  return { folder, help, files };
}

test("what was compiled is kept, and used the next time", async () => {
  const { help, files } = cache("kept");
  await help();
  const kept = files();
  expect(Object.keys(kept).some((file) => /^start\.cjs-[0-9a-f]{40}$/.test(file))).toBe(true);
  await help();
  expect(files()).toEqual(kept);
});

test("runs with other flags of V8's keep their own, and leave each other's alone", async () => {
  const { help, files } = cache("flags");
  const flags = { NODE_OPTIONS: "--interpreted-frames-native-stack" };
  await help();
  const plain = files();
  await help(flags);
  const both = files();
  expect(both).toMatchObject(plain);
  expect(Object.keys(both)).toHaveLength(2 * Object.keys(plain).length);
  await help();
  await help(flags);
  expect(files()).toEqual(both);
});

test("what is damaged is made anew", async () => {
  const { folder, help, files } = cache("damaged");
  await help();
  const damaged = Object.entries(files()).map(([file, content], place) => {
    const half = content.length >> 1;
    const cut = content.slice(0, half);
    return [file, place % 2 === 0 ? cut : `${cut}XXXX${content.slice(half + 4)}`] as const;
  });
  for (const [file, content] of damaged) writeFileSync(join(folder, file), content, "latin1");
  await help();
  const mended = files();
  expect(Object.keys(mended).sort()).toEqual(damaged.map(([file]) => file).sort());
  for (const [file, content] of damaged) expect(mended[file]).not.toBe(content);
});

test("what was kept long ago goes when something new is kept", async () => {
  const { folder, help, files } = cache("old");
  mkdirSync(folder, { recursive: true });
  const old = join(folder, "chunk-OLD.cjs-0");
  writeFileSync(old, "");
  utimesSync(old, 0, 0);
  await help();
  expect(Object.keys(files())).not.toContain("chunk-OLD.cjs-0");
  expect(Object.keys(files())).not.toEqual([]);
});

test("where somebody else may write, nothing is kept or used", async () => {
  const { folder, help, files } = cache("shared");
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  await help();
  expect(files()).toEqual({});
});

test("where there is no room for it, or where Node's own is switched off, nothing is kept", async () => {
  const off = cache("off");
  await off.help({ NODE_DISABLE_COMPILE_CACHE: "1" });
  expect(existsSync(off.folder)).toBe(false);
  writeFileSync(join(cli.folder, "file"), "");
  await cache("file").help();
});
