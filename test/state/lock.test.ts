import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { UserError } from "../../src/errors.ts";
import { thisSystem } from "../../src/state/holder.ts";
import { takeLock } from "../../src/state/lock.ts";
import { handClock, temporaryFolder } from "./samples.ts";

let folder: string;
let script: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "peerctl-lock-"));
  script = join(folder, "holder.mjs");
  const entry = new URL("holder.child.ts", import.meta.url).pathname;
  await build({ entryPoints: [entry], outfile: script, bundle: true, platform: "node", format: "esm" });
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

function start(path: string, then: "hold" | "exit" | "count"): ChildProcess {
  const child = fork(script, [path, then]);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

const target = async () => join(await temporaryFolder(), "state.json");
const wanted = (clock = handClock(), waitMs = 0, told: string[] = []) => ({
  command: "peerctl up",
  clock,
  wait: { ms: waitMs, tell: (use: string) => told.push(use) },
});
const files = (path: string) => readdir(join(path, ".."));

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

/** A lock file as some process left it. */
async function leaveLock(path: string, change: Record<string, unknown> = {}): Promise<void> {
  const holder = {
    nonce: randomUUID(),
    pid: process.pid,
    host: hostname(),
    startedAt: "2026-01-02T03:00:05.000Z",
    processStart: null,
    command: "peerctl down",
    ...change,
  };
  await writeFile(`${path}.lock`, JSON.stringify(holder));
}

/** The id of a process that has just ended. */
async function deadPid(): Promise<number> {
  const child = fork(script, [await target(), "exit"]);
  await once(child, "exit");
  return child.pid ?? 0;
}

test("the lock is one file beside the state, and gone when given back", async () => {
  const path = await target();
  const lock = await takeLock(path, wanted());
  expect(await files(path)).toEqual(["state.json.lock"]);
  expect(JSON.parse(await readFile(`${path}.lock`, "utf8"))).toMatchObject({
    pid: process.pid,
    host: hostname(),
    startedAt: "2026-01-02T03:04:05.000Z",
    command: "peerctl up",
  });
  lock.release();
  lock.release();
  expect(await files(path)).toEqual([]);
});

const system = thisSystem();

test("a live holder is named, with its age and what to do", async () => {
  const path = await target();
  await leaveLock(path, { processStart: system.startOf(process.pid) });
  const { message, remedy } = await refusal(takeLock(path, wanted()));
  expect(message).toBe(
    `the state file ${path} is in use by \`peerctl down\`, process ${process.pid} on ${hostname()}, for 4 min`,
  );
  expect(remedy).toBe(`wait until it is done, or stop it: kill ${process.pid}`);
  expect(await files(path)).toEqual(["state.json.lock"]);
});

test.each([
  ["2026-01-02T03:04:10.000Z", "0 s"],
  ["2026-01-02T03:02:06.000Z", "119 s"],
  ["2026-01-02T01:05:00.000Z", "119 min"],
  ["2026-01-01T03:04:05.000Z", "24 h"],
  ["2025-12-30T03:04:05.000Z", "3 days"],
])("a lock of %s is %s old", async (startedAt, age) => {
  const path = await target();
  await leaveLock(path, { startedAt });
  const { message } = await refusal(takeLock(path, wanted()));
  expect(message.endsWith(`, for ${age}`), message).toBe(true);
});

const notToKill: [what: string, change: Record<string, unknown>, says: RegExp][] = [
  [
    "whose beginning nobody knows",
    {},
    /^wait until it is done; if process \d+ is none of peerctl's, remove the lock: rm '/,
  ],
  ["of another host", { host: "build-7.example" }, /^if that process is gone, remove the lock: rm '/],
  [
    "of another container, whose host has the same name",
    { kernel: { boot: system.kernel?.boot ?? "", pids: "pid:[1]", machine: null } },
    /^it runs in another container, or ran before a restart of .*: if it is gone, remove the lock: rm '/,
  ],
];

test.each(notToKill)("nobody is told to kill a process %s", async (_what, change, says) => {
  const path = await target();
  await leaveLock(path, change);
  const { message, remedy } = await refusal(takeLock(path, wanted()));
  expect(message).toContain(`process ${process.pid} on `);
  expect(remedy).toMatch(says);
  expect(remedy).not.toContain("kill");
});

test("a live holder is waited for as long as asked, and no longer", async () => {
  const path = await target();
  const lock = await takeLock(path, wanted());
  const clock = handClock();
  const before = clock.now();
  const told: string[] = [];
  await refusal(takeLock(path, wanted(clock, 250, told)));
  expect(clock.now() - before).toBe(250);
  expect(told).toEqual([`in use by \`peerctl up\`, process ${process.pid} on ${hostname()}, for 0 s`]);
  await refusal(takeLock(path, wanted(clock, 0, told)));
  expect(told).toHaveLength(1);

  let naps = 0;
  const releasing = {
    now: () => before,
    sleep: async () => {
      naps += 1;
      if (naps === 3) lock.release();
    },
  };
  (await takeLock(path, wanted(releasing, 1000))).release();
  expect(naps).toBe(3);
});

test("the wait ends with the signal", async () => {
  const path = await target();
  await leaveLock(path);
  const stop = new AbortController();
  const waiting = takeLock(path, { ...wanted(systemClock, 60_000), signal: stop.signal });
  stop.abort(new Error("interrupted"));
  await expect(waiting).rejects.toThrow("interrupted");
  expect(await files(path)).toEqual(["state.json.lock"]);
});

const takenOver: [what: string, leave: (path: string) => Promise<void>][] = [
  ["of a process that ended", async (path) => leaveLock(path, { pid: await deadPid() })],
  ["whose process id is another process's now", (path) => leaveLock(path, { processStart: "boot/1" })],
  ["cut off by a power failure", (path) => writeFile(`${path}.lock`, '{"nonce":"12')],
  ["emptied by a power failure", (path) => writeFile(`${path}.lock`, "")],
];

test.each(takenOver)("a lock %s is taken over", async (_what, leave) => {
  const path = await target();
  await leave(path);
  const lock = await takeLock(path, wanted());
  expect(await files(path)).toEqual(["state.json.lock"]);
  expect(await refusal(takeLock(path, wanted()))).toHaveProperty(
    "message",
    expect.stringContaining("peerctl up"),
  );
  lock.release();
  expect(await files(path)).toEqual([]);
});

const leftAlone: [what: string, leave: (path: string) => Promise<void>, says: string][] = [
  [
    "of another host",
    (path) => leaveLock(path, { host: "build-7.example", pid: 1 }),
    "process 1 on build-7.example",
  ],
  [
    "of an unknown form",
    (path) => writeFile(`${path}.lock`, '{"owner":"x"}'),
    "locked by something that is not",
  ],
  [
    "with a nonce that is a path",
    (path) => leaveLock(path, { nonce: "../../x" }),
    "locked by something that is not",
  ],
];

test.each(leftAlone)(
  "a lock %s is left alone, and the message says how to remove it",
  async (_what, leave, says) => {
    const path = await target();
    await leave(path);
    const before = await readFile(`${path}.lock`, "utf8");
    const { message, remedy } = await refusal(takeLock(path, wanted()));
    expect(message).toContain(says);
    expect(remedy).toContain(`rm '${path}.lock'`);
    expect(await readFile(`${path}.lock`, "utf8")).toBe(before);
  },
);

test("of many that find the same dead holder, one wins", async () => {
  for (let round = 0; round < 10; round += 1) {
    const path = await target();
    await leaveLock(path, { processStart: "boot/1" });
    const takers = Array.from({ length: 12 }, () => takeLock(path, wanted()));
    const outcomes = await Promise.allSettled(takers);
    const won = outcomes.filter((each) => each.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(await files(path)).toEqual(["state.json.lock"]);
    won[0]?.value.release();
  }
});

test("one that died while taking over does not stand in the way", async () => {
  const path = await target();
  const dead = { processStart: "boot/1", pid: process.pid };
  const nonce = randomUUID();
  await leaveLock(path, { ...dead, nonce });
  const heir = { ...JSON.parse(await readFile(`${path}.lock`, "utf8")), nonce: randomUUID() };
  await writeFile(`${path}.lock.after-${nonce}`, JSON.stringify(heir));
  const lock = await takeLock(path, wanted());
  expect(await files(path)).toEqual(["state.json.lock"]);
  lock.release();
});

test("what killed processes left beside the lock is cleared by the next one, and nothing else", async () => {
  const path = await target();
  await leaveLock(path, { pid: await deadPid() });
  const dead = await readFile(`${path}.lock`, "utf8");
  await writeFile(`${path}.lock.${JSON.parse(dead).nonce}`, dead);
  await writeFile(`${path}.lock.${randomUUID()}`, dead);
  const living = `${path}.lock.${randomUUID()}`;
  await writeFile(living, JSON.stringify({ ...JSON.parse(dead), host: "build-7.example" }));
  await writeFile(`${path}.lock.notes`, "mine");
  const lock = await takeLock(path, wanted());
  lock.release();
  expect(await files(path)).toEqual([basename(living), "state.json.lock.notes"].sort());
});

test("claims that were never used are cleared by the next one, live ones and other files are not", async () => {
  const path = await target();
  const claim = (id: string) => `${path}.lock.after-${id}`;
  await leaveLock(path, { pid: await deadPid() });
  const dead = await readFile(`${path}.lock`, "utf8");
  await rm(`${path}.lock`);
  await writeFile(claim(randomUUID()), dead);
  await writeFile(claim("1234567-1767323045123.25"), dead);
  await writeFile(claim(randomUUID()), dead.slice(0, 20));
  const kept = [claim(randomUUID()), claim("1-2"), claim("notes")];
  await writeFile(kept[0]!, JSON.stringify({ ...JSON.parse(dead), pid: process.pid }));
  await writeFile(kept[1]!, JSON.stringify({ ...JSON.parse(dead), host: "build-7.example" }));
  await writeFile(kept[2]!, dead);
  (await takeLock(path, wanted())).release();
  expect(await files(path)).toEqual(kept.map((each) => basename(each)).sort());
});

test("a lock that was removed by hand and taken by another is not given back for it", async () => {
  const path = await target();
  const first = await takeLock(path, wanted());
  await rm(`${path}.lock`);
  const second = await takeLock(path, wanted());
  first.release();
  expect(await files(path)).toEqual(["state.json.lock"]);
  second.release();
});

test("a real process holds it, and killed with -9 it loses it", async () => {
  const path = await target();
  const child = start(path, "hold");
  await once(child, "message");
  const { message } = await refusal(takeLock(path, wanted(systemClock)));
  expect(message).toContain(`\`peerctl hold\`, process ${child.pid} on ${hostname()}, for`);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await files(path)).toEqual(["state.json.lock"]);
  (await takeLock(path, wanted(systemClock))).release();
  expect(await files(path)).toEqual([]);
});

/** Whether a process may have process ids of its own, as in a container. */
const mayContain =
  process.platform === "linux" &&
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;

test.runIf(mayContain).each([
  ["with a /proc of its own", ["--mount-proc"]],
  ["that sees another's /proc", []],
])("a live one in a container %s, whose host has the same name, is never taken over", async (_what, more) => {
  const path = await target();
  const unshare = ["--pid", "--fork", "--kill-child", ...more, process.execPath, script, path, "hold"];
  const child = spawn("unshare", unshare, { stdio: "ignore" });
  children.add(child);
  const lock = () => readFile(`${path}.lock`, "utf8").catch(() => undefined);
  await vi.waitFor(async () => expect(await lock()).toBeDefined(), { timeout: 10_000 });
  const before = await lock();
  // Its id there is 1 or so: here, that is another process.
  expect(JSON.parse(before!)).toMatchObject({ host: hostname(), pid: expect.any(Number) });
  const { remedy } = await refusal(takeLock(path, wanted(systemClock)));
  expect(remedy).toContain("it runs in another container");
  // Nor by another container.
  const other = ["--pid", "--fork", ...more, process.execPath, script, path, "exit"];
  expect(spawnSync("unshare", other, { env: { ...process.env, WAIT_MS: "0" } }).status).not.toBe(0);
  expect(await lock()).toBe(before);
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("a process that exits without giving it back gives it back all the same", async () => {
  const path = await target();
  const child = start(path, "exit");
  await once(child, "exit");
  expect(await files(path)).toEqual([]);
});

test("processes that count in one file under the lock, a dead holder's at first, lose nothing", async () => {
  const path = await target();
  await writeFile(path, "0");
  await leaveLock(path, { pid: await deadPid() });
  const counting = Array.from({ length: 4 }, () => start(path, "count"));
  await Promise.all(counting.map((child) => once(child, "exit")));
  expect(await readFile(path, "utf8")).toBe("4");
  expect(await files(path)).toEqual(["state.json"]);
});
