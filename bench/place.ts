import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { plainEnv, run } from "../test/peers/support/run.ts";

export const peerctl = resolve("bin/peerctl.js");

/** Only Linux says how much memory a program had at most without what its parent had. */
export const peaksAreKnown = existsSync("/proc/self/status");

/** How a command of peerctl went. */
export interface Went {
  ms: number;
  /** The most memory it had, in MB; NaN where `peaksAreKnown` is false. */
  peakMb: number;
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder to work in, and peerctl running there. */
export interface Place {
  folder: string;
  env: NodeJS.ProcessEnv;
  peerctl(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Went>;
  /** The same; throws with what it said where its exit code is not 0. */
  succeed(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Went>;
  remove(): void;
}

/** @param env on top of this process's environment without anything of AWS's or peerctl's */
export function place(env: NodeJS.ProcessEnv = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "peerctl-bench-"));
  const own = plainEnv({ PEERCTL_LAB_DIR: join(folder, "lab"), ...env });
  const peakFile = join(folder, "peak");
  const hook = { NODE_OPTIONS: `--require ${resolve("bench/peak.cjs")}`, BENCH_PEAK_FILE: peakFile };
  const measured = peaksAreKnown ? hook : {};

  const go: Place["peerctl"] = async (args, more = {}) => {
    const began = performance.now();
    const ended = await run(process.execPath, [peerctl, ...args], {
      env: { ...own, ...measured, ...more },
      cwd: folder,
      timeout: 600_000,
    });
    const ms = performance.now() - began;
    const peakMb = peaksAreKnown ? Number(readFileSync(peakFile, "utf8")) / 1024 : Number.NaN;
    return { ...ended, ms, peakMb };
  };
  return {
    folder,
    env: own,
    peerctl: go,
    succeed: async (args, more) => {
      const went = await go(args, more);
      if (went.code === 0) return went;
      throw new Error(`peerctl ${args.join(" ")}: exit code ${went.code}\n${went.stderr}`);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
