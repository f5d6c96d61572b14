import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Clock } from "../clock.ts";
import { exitCode, UserError } from "../errors.ts";
import type { DataPlane } from "../lab/data-plane/data-plane.ts";
import { automaticDataPlane, chooseDataPlane, type DataPlaneWish } from "../lab/data-plane/linux/choose.ts";
import { aws, instant, type Profile } from "../lab/profile.ts";
import { startLab } from "../lab/server.ts";
import { takeLock } from "../state/lock.ts";
import type { LabStartOptions } from "./lab.ts";
import { addressFile, labFolder, tablesFile } from "./lab-process.ts";
import type { Run } from "./run.ts";

/** What was asked for, with the defaults filled in. */
type Served = Required<Omit<LabStartOptions, "port" | "foreground">> & Pick<LabStartOptions, "port">;

const timings: Record<Served["timing"], Profile> = { instant, aws };

/** Not taken by anything well known; another is used where it is in use. */
const usualPort = 4580;

/** The lab in this process, until SIGINT, SIGTERM or `lab stop`. Its tables are in the folder, and there next time. */
export async function serveLab(run: Run, { port, timing, seed, dataPlane: wish }: Served): Promise<number> {
  const folder = labFolder(run.env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { clock, signal } = run;
  const lock = await takeLock(tablesFile(folder), { command: run.command, clock, signal });
  let dataPlane: Awaited<ReturnType<typeof dataPlaneFor>> | undefined;
  try {
    dataPlane = await dataPlaneFor(wish, { clock, seed });
    const lab = await startOnPort(port ?? previousPort(folder), port === undefined, {
      dir: folder,
      profile: timings[timing],
      seed,
      clock,
      dataPlane,
    });
    publish(folder, lab.url);
    run.ui.say(`the lab listens on ${lab.url} (${timing}), its tables are in ${folder}`);
    signal.addEventListener("abort", () => void lab.stop(), { once: true });
    await Promise.race([dataPlane.chosen, lab.stopped]);
    if (!signal.aborted) run.ui.say(`data plane ${dataPlane.name}: ${dataPlane.why?.()}`);
    await lab.stopped;
  } finally {
    await dataPlane?.close();
    lock.release();
  }
  return exitCode.done;
}

/** `chosen` resolves when it is decided: that it may be the model must keep nobody waiting for the lab. */
async function dataPlaneFor(
  wish: DataPlaneWish,
  options: { clock: Clock; seed: number },
): Promise<DataPlane & { chosen?: Promise<unknown> }> {
  if (wish === "auto") return automaticDataPlane(options);
  const found = await chooseDataPlane(wish, options);
  if (!("lacks" in found)) return found;
  throw new UserError(`no Linux data plane here: ${found.lacks}`, "use: --data-plane auto");
}

/** In one move: whoever waits for the address must not read half of it. */
function publish(folder: string, url: string): void {
  const file = addressFile(folder);
  writeFileSync(`${file}.new`, `${url}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function startOnPort(
  port: number,
  another: boolean,
  options: { dir: string; profile: Profile; seed: number; clock: Clock; dataPlane: DataPlane },
) {
  const start = (port: number) => startLab({ ...options, port });
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
