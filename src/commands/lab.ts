import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { exitCode, UserError } from "../errors.ts";
import { modelDataPlane } from "../lab/data-plane/model.ts";
import { aws, instant } from "../lab/profile.ts";
import { startLab } from "../lab/server.ts";
import { takeLock } from "../state/lock.ts";
import { addressFile, findLab, labExports, labFolder, startLabProcess } from "./lab-process.ts";
import type { Run } from "./run.ts";

export const timings = { instant, aws } as const;

export interface LabStartOptions {
  /** 0: any free port; undefined: the one it had before, else the usual one. */
  port?: number;
  timing: keyof typeof timings;
  seed: number;
  /** Stay in this process, until it is told to stop. */
  foreground: boolean;
}

/** Not taken by anything well known; another is used where it is in use. */
const usualPort = 4580;

export async function labStart(run: Run, options: LabStartOptions): Promise<number> {
  const running = await findLab(labFolder(run.env));
  if (running) return reportLab(run, running, "is running already");
  if (options.foreground) return serve(run, options);
  const { port, timing, seed } = options;
  const args = ["--timing", timing, "--seed", String(seed)];
  if (port !== undefined) args.push("--port", String(port));
  return reportLab(run, await startLabProcess(run, args), "started");
}

/** The lab in this process, until SIGINT, SIGTERM or `lab stop`. Its tables are in the folder, and there next time. */
async function serve(run: Run, { port, timing, seed }: LabStartOptions): Promise<number> {
  const folder = labFolder(run.env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { clock, signal } = run;
  const lock = await takeLock(join(folder, "lab.json"), { command: run.command, clock, signal, waitMs: 0 });
  try {
    const lab = await startOnPort(port ?? previousPort(folder), port === undefined, {
      dir: folder,
      profile: timings[timing],
      seed,
      clock,
    });
    writeFileSync(addressFile(folder), `${lab.url}\n`, { mode: 0o600 });
    run.ui.say(`the lab listens on ${lab.url} (${timing}), its tables are in ${folder}`);
    signal.addEventListener("abort", () => void lab.stop(), { once: true });
    await lab.stopped;
  } finally {
    lock.release();
  }
  return exitCode.done;
}

async function startOnPort(
  port: number,
  another: boolean,
  options: { dir: string; profile: (typeof timings)["instant"]; seed: number; clock: Clock },
) {
  const start = (port: number) =>
    startLab({ ...options, port, dataPlane: modelDataPlane({ clock: options.clock, seed: options.seed }) });
  try {
    return await start(port);
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "EADDRINUSE") throw cause;
    if (another) return start(0);
    throw new UserError(`port ${port} is in use`, "name another with --port, or leave it out", { cause });
  }
}

/** The same address as before, so that what was pointed at the lab finds it again. */
function previousPort(folder: string): number {
  try {
    return Number(new URL(readFileSync(addressFile(folder), "utf8").trim()).port) || usualPort;
  } catch {
    // There was none before, or the file is not what we wrote.
    return usualPort;
  }
}

export async function labStop(run: Run): Promise<number> {
  const lab = await findLab(labFolder(run.env));
  if (!lab) {
    run.ui.say("no lab is running");
    run.ui.result({ running: false }, "");
    return exitCode.done;
  }
  await fetch(new URL("/_lab/stop", lab.url), { method: "POST" });
  for (let waited = 0; waited < 5000 && (await findLab(labFolder(run.env))); waited += 25) {
    await run.clock.sleep(25, run.signal);
  }
  run.ui.say(`the lab on ${lab.url.origin} has stopped; its tables are kept`);
  run.ui.result({ running: false, url: lab.url.origin }, "");
  return exitCode.done;
}

export async function labStatus(run: Run): Promise<number> {
  const lab = await findLab(labFolder(run.env));
  if (lab) return reportLab(run, lab, "is running");
  run.ui.result({ running: false }, "no lab is running; start one: peerctl lab start");
  return exitCode.done;
}

/** Prints what makes the AWS CLI, boto3, Terraform and peerctl itself use the lab: `eval "$(peerctl lab env)"`. */
export async function labEnv(run: Run): Promise<number> {
  const lab = await findLab(labFolder(run.env));
  if (!lab) throw new UserError("no lab is running", "run: peerctl lab start");
  const variables = labExports(lab.url, run.env);
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  run.ui.result(variables, lines.join("\n"));
  return exitCode.done;
}

type Running = NonNullable<Awaited<ReturnType<typeof findLab>>>;

function reportLab({ ui }: Run, { url, health }: Running, what: string): number {
  const { pid, profile, dataPlane } = health;
  ui.result(
    { running: true, url: url.origin, pid, timing: profile, dataPlane },
    `the lab ${what}: ${url.origin} (pid ${pid}, timing ${profile}, data plane ${dataPlane})`,
  );
  return exitCode.done;
}
