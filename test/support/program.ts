import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";
import type { Fault } from "../../src/lab/faults.ts";
import type { LogEntry } from "../../src/lab/log.ts";
import { compileCache } from "./compile-cache.ts";

/** How a process of the built program ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

export interface Place {
  /** Where it runs, and where the state file is. */
  readonly folder: string;
  /** The lab's URL, where `withLab` has one started. */
  readonly url: string;
  /** Runs the built program to its end. */
  peerctl(...args: string[]): Promise<Ended>;
  start(args: readonly string[], how?: How): Running;
  /** The lab's log of calls since the last `clearCalls`. */
  calls(): Promise<LogEntry[]>;
  clearCalls(): Promise<void>;
  faults(...list: Fault[]): Promise<void>;
}

interface How {
  /** On top of a bare environment: no credentials, no Region, an empty home. Undefined takes one away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** What stands on stdin, which then ends. */
  input?: string;
}

const bin = fileURLToPath(new URL("../../bin/peerctl.js", import.meta.url));

/**
 * A folder of its own for the tests of one file, and, unless told otherwise, a lab of its own process, as `--lab` finds
 * it. Both are gone when the file is done.
 */
export function place({ withLab = true } = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "peerctl-cli-"));
  let url = "";
  let skipped = 0;

  const start: Place["start"] = (args, { env = {}, cwd = folder, input = "" } = {}) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        XDG_CACHE_HOME: compileCache,
        PEERCTL_LAB_DIR: join(folder, "lab"),
        // Nobody is asked for credentials outside of this machine.
        AWS_EC2_METADATA_DISABLED: "true",
        ...env,
      },
    });
    const out = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        out[name] += text;
      });
    }
    // Who does not read its stdin may be gone before it is written.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...out }));
    return { child, ended };
  };
  const peerctl: Place["peerctl"] = (...args) => start(args).ended;
  const log = async () => {
    const answer = await fetch(`${url}/_lab/log`);
    return ((await answer.json()) as { calls: LogEntry[] }).calls;
  };

  beforeAll(async () => {
    if (!withLab) return;
    const { stdout, stderr } = await peerctl("lab", "start", "--port", "0", "--json");
    if (!stdout) throw new Error(stderr);
    url = (JSON.parse(stdout) as { url: string }).url;
  });
  afterAll(async () => {
    if (withLab) await peerctl("lab", "stop");
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    folder,
    get url() {
      return url;
    },
    peerctl,
    start,
    calls: async () => (await log()).slice(skipped),
    clearCalls: async () => {
      skipped = (await log()).length;
    },
    faults: async (...list) => {
      await fetch(`${url}/_lab/faults`, { method: "POST", body: JSON.stringify(list) });
    },
  };
}
