import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry, LoggedTransition } from "../src/lab/log.ts";
import { end } from "../test/peers/support/lab.ts";
import { plainEnv } from "../test/peers/support/run.ts";
import { ask } from "./ask.ts";
import type { HostedLab } from "./lab-host.ts";
import { type Place, peerctl } from "./place.ts";

export interface Endpoint {
  url: string;
  /** Of the process that answers. */
  pid: number;
  /** How clients find it. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** A lab in a process of its own. */
export async function hostLab(options: HostedLab): Promise<Endpoint> {
  const child = spawn(process.execPath, [".peerctl/bench/lab-host.mjs", JSON.stringify(options)], {
    env: plainEnv(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  return { url, pid: child.pid!, env: clientEnv(url), stop: () => end(child) };
}

/** The lab as it is shipped, in the folder of `at`, where its `--lab` finds it. Resolves when it answers. */
export async function shippedLab(
  at: Place,
  dataPlane: "auto" | "linux" | "model" = "auto",
): Promise<Pick<Endpoint, "url" | "pid" | "stop">> {
  const address = join(at.folder, "lab", "url");
  // Of an earlier lab there.
  rmSync(address, { force: true });
  const args = [peerctl, "lab", "start", "--foreground", "--port", "0", "--data-plane", dataPlane];
  const child = spawn(process.execPath, args, { env: at.env, cwd: at.folder, stdio: "ignore" });
  const said = () => (existsSync(address) ? readFileSync(address, "utf8") : "");
  while (!said().endsWith("\n")) {
    if (child.exitCode !== null) throw new Error(`the lab ended: exit code ${child.exitCode}`);
    await sleep(2);
  }
  const url = said().trim();
  await ask(url, "Action=DescribeVpcs&Version=2016-11-15");
  return { url, pid: child.pid!, stop: () => end(child) };
}

/** @param lab what stands for the world outside of AWS: the lab's URL where the endpoint is one */
export function clientEnv(url: string, lab: string | undefined = url): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "123456789012",
    AWS_SECRET_ACCESS_KEY: "lab",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
    ...(lab
      ? { PEERCTL_SSH_PROXY: lab, PEERCTL_CALLER_IP_URL: `${lab}/_lab/caller-ip` }
      : { PEERCTL_SSH_FROM: "198.51.100.7/32" }),
  };
}

export interface LabLog {
  calls: LogEntry[];
  transitions: LoggedTransition[];
}

export async function logOf(url: string): Promise<LabLog> {
  return (await (await fetch(`${url}/_lab/log`)).json()) as LabLog;
}
