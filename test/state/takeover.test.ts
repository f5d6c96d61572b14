import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { thisProcess, thisSystem } from "../../src/state/holder.ts";
import { temporaryFolder } from "./samples.ts";

/** Kill -9 at each change of the disk that the takeover of a dead lock takes, in processes of their own. */

let folder: string;
let script: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "peerctl-takeover-"));
  script = join(folder, "taker.mjs");
  const entry = new URL("taker.child.ts", import.meta.url).pathname;
  await build({ entryPoints: [entry], outfile: script, bundle: true, platform: "node", format: "esm" });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A taker of the lock of `path`; `said` is its first word, or `killed`. */
function take(path: string, at = "") {
  const child = fork(script, [path, at]);
  children.add(child);
  child.once("exit", () => children.delete(child));
  const next = () =>
    Promise.race([
      once(child, "message").then(([word]) => String(word)),
      once(child, "exit").then(([, signal]) => (signal === "SIGKILL" ? "killed" : "ended")),
    ]);
  return { child, said: next(), next };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

const beside = (path: string) => readdir(join(path, ".."));

/** A folder whose lock's holder is gone. */
async function withDeadLock(text = deadLock()): Promise<string> {
  const path = join(await temporaryFolder(), "state.json");
  await writeFile(`${path}.lock`, text);
  onTestFinished(async () => {
    await Promise.all([...children].map(end));
  });
  return path;
}

/** The lock of a process whose id is another's now. */
function deadLock(): string {
  const holder = { ...thisProcess("peerctl down", systemClock, thisSystem()), nonce: randomUUID() };
  return JSON.stringify({ ...holder, processStart: "earlier" });
}

/** Two at once: one has it, the other is refused, and nothing but the lock is there. */
async function expectOneOfTwo(path: string, what: string): Promise<void> {
  const racers = [take(path), take(path)];
  const said = await Promise.all(racers.map((each) => each.said));
  expect(said.sort(), what).toEqual(["held", "refused"]);
  expect(await beside(path), what).toEqual(["state.json.lock"]);
  const { pid } = JSON.parse(await readFile(`${path}.lock`, "utf8")) as { pid: number };
  expect(
    racers.map(({ child }) => child.pid),
    what,
  ).toContain(pid);
  await Promise.all(racers.map(({ child }) => end(child)));
}

/** More changes than a takeover makes; past its last one, it just succeeds. */
const most = 20;

test.each([
  ["of a process that ended", undefined],
  ["torn by a power failure", '{"nonce":"12'],
])("killed at each point of taking over a lock %s: one of the next two has it", async (_what, text) => {
  let killed = 0;
  for (let nth = 1; nth <= most; nth += 1) {
    for (const moment of ["before", "after"]) {
      const path = await withDeadLock(text);
      const first = take(path, `${nth} ${moment}`);
      const said = await first.said;
      await end(first.child);
      if (said === "held") {
        // The offer, the lock, the claim, the lock's replacement and the offer's removal.
        expect(killed).toBeGreaterThanOrEqual(10);
        return;
      }
      expect(said).toBe("killed");
      killed += 1;
      await expectOneOfTwo(path, `killed ${moment} change ${nth}`);
    }
  }
  expect.fail("a takeover makes more changes than were tried");
});

test("one that comes late to a lock that was taken over, and is killed at any point from there, leaves nothing", async () => {
  // The third change claims what another has inherited meanwhile.
  const goesOn = "3 pause";
  for (const then of ["before", "after", ""]) {
    const path = await withDeadLock();
    const late = take(path, `${goesOn} ${then}`);
    expect(await late.said).toBe("paused");
    const winner = take(path);
    expect(await winner.said).toBe("held");
    const word = late.next();
    late.child.send("go on");
    expect(await word).toBe(then === "" ? "refused" : "killed");
    // The winner holds it, whatever the late one did.
    const lock = JSON.parse(await readFile(`${path}.lock`, "utf8")) as { pid: number };
    expect(lock.pid).toBe(winner.child.pid);
    await end(winner.child);
    await expectOneOfTwo(path, `late, ${then}`);
  }
});

// The claim made, the lock replaced: what the second one finds is a takeover that was begun, or one that was made.
test.each(["3 after", "4 after"])(
  "one killed %s of its changes, and the next at each: one of two others has the lock",
  async (at) => {
    for (let nth = 1; nth <= 8; nth += 1) {
      const path = await withDeadLock();
      expect(await take(path, at).said).toBe("killed");
      const second = take(path, `${nth} after`);
      await second.said;
      await end(second.child);
      await expectOneOfTwo(path, `then killed after ${nth}`);
    }
  },
);
