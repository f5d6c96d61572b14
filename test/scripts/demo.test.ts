import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

/**
 * Stands in for the program: it says what it was asked, ends as FAKE_CODES says (`command:code ...`, in turn for a command
 * that comes again), or waits to be interrupted at FAKE_HANGS. As a lab it leaves its pid where the lab leaves its URL.
 */
const fakeProgram = `
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const [first, command] = process.argv.slice(2);
const folder = process.env.PEERCTL_LAB_DIR;
if (first === "lab") {
  if (process.env.FAKE_LAB_DIES) { console.error("no port is free"); process.exit(1); }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "url"), String(process.pid));
  setInterval(() => {}, 1000);
} else if (command === process.env.FAKE_HANGS) {
  process.on("SIGINT", () => { console.log("interrupted once"); process.exit(130); });
  console.log("hangs, beside the lab " + readFileSync(join(folder, "url"), "utf8"));
  setInterval(() => {}, 1000);
} else {
  const turn = join(folder, command);
  const times = existsSync(turn) ? Number(readFileSync(turn, "utf8")) : 0;
  writeFileSync(turn, String(times + 1));
  const codes = process.env.FAKE_CODES.split(" ").filter((each) => each.startsWith(command + ":"));
  console.log("did " + command);
  process.exit(Number((codes[times] ?? ":0").split(":")[1]));
}
`;

const asTheTutorialSays = "test-ping:2 test-ping:2 test-ping:0";
let root: string;
let temporary: string;
let children: ChildProcess[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "peerctl-demo-test-"));
  temporary = join(root, "tmp");
  children = [];
  for (const folder of ["scripts", "bin", "tmp"]) mkdirSync(join(root, folder));
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  writeFileSync(join(root, "bin", "peerctl.js"), fakeProgram);
  copyFileSync(resolve("scripts/demo.js"), join(root, "scripts", "demo.js"));
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

function start(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [join(root, "scripts", "demo.js")], {
    env: { ...process.env, TMPDIR: temporary, PEERCTL_NAME: "mine", FAKE_CODES: asTheTutorialSays, ...env },
  });
  children.push(child);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: there is no such process.
    return false;
  }
}

it("tells the whole tutorial in order, plain where nobody watches, and leaves nothing", async () => {
  const { code, stdout, stderr } = await start({}).ended;
  expect(stderr).toBe("");
  const typed = [...stdout.matchAll(/^\$ peerctl --lab (.+)\ndid (.+)$/gm)].map(([, line]) => line);
  expect(typed).toEqual([
    ...["create-vpcs", "peer", "route", "launch", "test-ping"],
    ...["eip", "test-ping", "open-icmp", "test-ping", "down"],
  ]);
  expect(stdout).not.toContain("\u001b");
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(code).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
});

it.each([
  ["a step fails", "route:1", "peerctl --lab route ended with exit code 1, not 0"],
  ["a ping works that must not", "test-ping:0", "peerctl --lab test-ping ended with exit code 0, not 2"],
  ["the last ping is lost", "test-ping:2 test-ping:2 test-ping:2", "ended with exit code 2, not 0"],
  ["something is left", `${asTheTutorialSays} down:1`, "peerctl --lab down ended with exit code 1, not 0"],
])("fails where %s, and leaves nothing", async (_what, codes, message) => {
  const { code, stderr } = await start({ FAKE_CODES: codes }).ended;
  expect(stderr).toContain(`demo: ${message}`.replace("demo: ended", "ended"));
  expect(code).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
});

it("says why, where the lab does not start", async () => {
  const { code, stderr } = await start({ FAKE_LAB_DIES: "1" }).ended;
  expect(stderr).toContain("demo: the lab did not start: no port is free");
  expect(code).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "stops at %s: the command first, then the lab",
  async (signal) => {
    const { child, said, ended } = start({ FAKE_HANGS: "launch" });
    await until(() => said.stdout.includes("hangs, beside the lab"));
    const lab = Number(/beside the lab (\d+)/.exec(said.stdout)?.[1]);
    expect(isAlive(lab)).toBe(true);
    child.kill(signal);
    const { code, stdout } = await ended;
    if (signal === "SIGINT") expect(stdout).toContain("interrupted once");
    expect(stdout).toContain(`Stopped by ${signal}.`);
    expect(stdout).not.toContain("$ peerctl --lab test-ping");
    expect(code).toBe(130);
    expect(isAlive(lab)).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

it("stops where nobody reads on", async () => {
  const { child, said, ended } = start({});
  await until(() => said.stdout.includes("$ peerctl --lab create-vpcs"));
  child.stdout.destroy();
  expect((await ended).code).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
});
