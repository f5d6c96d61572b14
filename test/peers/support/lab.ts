import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { output, plainEnv } from "./run.ts";

export const peerctl = resolve("bin/peerctl.js");

export interface LabUnderTest {
  url: string;
  port: number;
  /** A temporary folder, for whatever the test writes. */
  folder: string;
  /** What `peerctl lab env` exports, on top of an otherwise plain environment. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** The built program's lab, as a process of its own on a free port, seen as other programs see it: by `lab env`. */
export async function startBuiltLab(): Promise<LabUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "peerctl-peers-"));
  const labFolder = join(folder, "lab");
  const own = plainEnv({ PEERCTL_LAB_DIR: labFolder });
  const log = openSync(join(folder, "log"), "a");
  const args = [peerctl, "lab", "start", "--foreground", "--port", "0"];
  const child = spawn(process.execPath, args, { env: own, cwd: folder, stdio: ["ignore", log, log] });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const said = () => readFileSync(join(folder, "log"), "utf8");
    for (let waited = 0; !existsSync(join(labFolder, "url")); waited += 25) {
      if (child.exitCode !== null || waited > 30_000) throw new Error(`the lab did not start: ${said()}`);
      await sleep(25);
    }
    const exported = await output(process.execPath, [peerctl, "lab", "env", "--json"], {
      env: own,
      cwd: folder,
    });
    const variables = JSON.parse(exported) as Record<string, string>;
    const url = variables.AWS_ENDPOINT_URL!;
    return { url, port: Number(new URL(url).port), folder, env: { ...own, ...variables }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends a child process for sure: asked first, then made to. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "exit");
  child.kill("SIGTERM");
  const impatient = setTimeout(() => child.kill("SIGKILL"), 5000);
  await closed;
  clearTimeout(impatient);
}
