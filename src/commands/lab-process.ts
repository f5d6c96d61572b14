import { existsSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { exchange } from "./exchange.ts";
import type { Run } from "./run.ts";

/** What a running lab says of itself. */
export interface LabHealth {
  pid: number;
  profile: string;
  /** Absent from a lab of an earlier peerctl. */
  seed?: number;
  /** "undecided" in the first moment of a lab that may choose. */
  dataPlane: string;
  dataPlaneWhy?: string;
  describeLagMs: number;
}

export interface FoundLab {
  url: URL;
  health: LabHealth;
}

/** Where the lab keeps its tables, its address and its log. */
export function labFolder(env: NodeJS.ProcessEnv): string {
  if (env.PEERCTL_LAB_DIR) return env.PEERCTL_LAB_DIR;
  return join(env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "peerctl", "lab");
}

/** The file in which a running lab leaves its URL. */
export function addressFile(folder: string): string {
  return join(folder, "url");
}

/** The lab's tables; locked while a lab runs on them. */
export function tablesFile(folder: string): string {
  return join(folder, "lab.json");
}

/** The lab in `folder`, if one runs there and answers. */
export async function findLab(folder: string): Promise<FoundLab | undefined> {
  const text = addressIn(folder);
  if (text === undefined) return undefined;
  const url = new URL(text);
  try {
    const answer = await exchange(new URL("/_lab/health", url), { signal: AbortSignal.timeout(2000) });
    return answer.ok ? { url, health: JSON.parse(answer.text) as LabHealth } : undefined;
  } catch (error) {
    // Nobody listens there any more: its process was killed, or the machine was restarted.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** The URL that the lab in `folder` left there, whether it still runs or not. */
export function addressIn(folder: string): string | undefined {
  try {
    return readFileSync(addressFile(folder), "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Starts a lab of its own process, which outlives this one, and waits until it answers. */
export async function startLabProcess(
  run: Pick<Run, "env" | "clock" | "signal">,
  args: readonly string[],
): Promise<FoundLab> {
  const folder = labFolder(run.env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = join(folder, "log");
  const output = openSync(log, "a", 0o600);
  const said = fstatSync(output).size;
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, [programFile(), "lab", "start", "--foreground", ...args], {
    detached: true,
    stdio: ["ignore", output, output],
    env: run.env,
  });
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  child.unref();
  // Where ours ended because another peerctl was quicker, its lab has the lock, and will answer.
  const lock = `${tablesFile(folder)}.lock`;
  for (let waited = 0; waited < 10_000 && (!ended || existsSync(lock)); waited += 25) {
    const lab = await findLab(folder);
    if (lab) return lab;
    await run.clock.sleep(25, run.signal);
  }
  throw (
    failureIn(readFileSync(log).subarray(said).toString("utf8")) ??
    new UserError("the lab did not start", `see why: ${log}`)
  );
}

/** The error with which a peerctl ended, as it wrote it: the problem, and below it what to do. */
function failureIn(written: string): UserError | undefined {
  const [, problem, remedy] = [...written.matchAll(/^peerctl: (.+)(?:\n {2}(.+))?$/gm)].at(-1) ?? [];
  return problem === undefined ? undefined : new UserError(`the lab did not start: ${problem}`, remedy);
}

/** Waits until the lab knows which data plane it has. */
export async function decided(run: Pick<Run, "env" | "clock" | "signal">, lab: FoundLab): Promise<FoundLab> {
  let now = lab;
  while (now.health.dataPlane === "undecided") {
    await run.clock.sleep(25, run.signal);
    now = (await findLab(labFolder(run.env))) ?? { ...now, health: { ...now.health, dataPlane: "none" } };
  }
  return now;
}

/** The program's own file, as it was started. */
function programFile(): string {
  return process.argv[1] ?? "";
}
