import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { State } from "../../src/state/schema.ts";
import { place } from "../support/program.ts";

/** The built program, where it looks only: not a file of its folder or its home is touched, and nothing on AWS. */

const cli = place();
const home = join(cli.folder, "home");
const work = join(cli.folder, "work");
const stateFile = join(work, "peerctl.state.json");
const env = { HOME: home, XDG_CACHE_HOME: undefined, NODE_DISABLE_COMPILE_CACHE: "1" };

const looking: string[][] = [
  ["status"],
  ["doctor"],
  ["doctor", "vpc-1", "vpc-2", "--explain"],
  ["graph"],
  ["up", "--dry-run"],
  ["down", "--dry-run"],
  ["teardown", "peer", "--dry-run"],
];

async function run(args: string[], how: Record<string, string | undefined> = env) {
  const ended = await cli.start(["--lab", ...args], { cwd: work, env: how }).ended;
  // Where nothing is made, some of them say so.
  expect([0, 1, 2], `${args.join(" ")}: ${ended.stderr}`).toContain(ended.code);
  return ended;
}

/** All that is in a folder, with what would change if it were written. */
function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => {
      const { ino, mtimeMs, ctimeMs, mode, size } = statSync(path);
      return [path.slice(cli.folder.length), ino, mtimeMs, ctimeMs, mode, size].join(" ");
    })
    .sort();
}
const trees = () => [...tree(home), ...tree(work)];
const mutating = async () =>
  (await cli.calls()).map(({ action }) => action).filter((action) => !/^(Describe|Get)/.test(action));

beforeAll(() => {
  mkdirSync(home);
  mkdirSync(work);
});

test.each([
  ["nothing is made", undefined],
  ["all is made", ["up"]],
])("when %s, looking touches no file and calls nothing that changes anything", async (_what, first) => {
  if (first) expect((await run(first)).code).toBe(0);
  const before = trees();
  await cli.clearCalls();
  for (const args of looking) {
    await run(args);
    expect(trees(), args.join(" ")).toEqual(before);
  }
  expect((await cli.calls()).length).toBeGreaterThan(looking.length);
  expect(await mutating()).toEqual([]);
});

test("what V8 compiled is kept in the home's .cache/peerctl, and nothing else is written", async () => {
  const before = trees();
  for (const args of looking) await run(args, { ...env, NODE_DISABLE_COMPILE_CACHE: undefined });
  const kept = join(home, ".cache", "peerctl");
  expect(readdirSync(kept).length).toBeGreaterThan(0);
  const isKept = (line: string) => /^\/home\/\.cache(\/peerctl(\/\S+)?)? /.test(line);
  expect(trees().filter((line) => !isKept(line))).toEqual(before);
});

test("doctor --verify is not looking only: it pushes a key and pins a host key, and changes nothing else", async () => {
  const state = () => JSON.parse(readFileSync(stateFile, "utf8")) as State;
  const before = state();
  await cli.clearCalls();
  const { code, stderr } = await run(["doctor", "vpc-1", "vpc-2", "--verify"]);
  expect(code, stderr).toBe(0);
  expect(new Set(await mutating())).toEqual(new Set(["SendSSHPublicKey"]));
  const after = state();
  expect(Object.keys(after.hostKeys)).toEqual([after.resources["instance/vpc-1"]!.id]);
  expect({ ...after, hostKeys: {} }).toEqual({ ...before, hostKeys: {} });
  expect(readdirSync(work)).toEqual(["peerctl.state.json"]);
});
