import { existsSync } from "node:fs";
import { exitCode, UserError } from "../errors.ts";
import type { DataPlaneWish } from "../lab/data-plane/linux/choose.ts";
import { exchange } from "./exchange.ts";
import { labExports } from "./lab-access.ts";
import { labDefaults } from "./lab-defaults.ts";
import { decided, type FoundLab, findLab, labFolder, startLabProcess, tablesFile } from "./lab-process.ts";
import type { Run } from "./run.ts";

/** What was asked for; what was not is undefined, and comes to the default. */
export interface LabStartOptions {
  /** 0: any free port; undefined: the one it had before, else the usual one. */
  port?: number;
  timing?: "instant" | "aws";
  seed?: number;
  dataPlane?: DataPlaneWish;
  /** Stay in this process, until it is told to stop. */
  foreground: boolean;
}

export async function labStart(run: Run, options: LabStartOptions): Promise<number> {
  const found = await findLab(labFolder(run.env));
  if (found) {
    const running = await decided(run, found);
    assertAsAsked(running, options);
    return reportLab(run, running, "is running already");
  }
  const { port } = options;
  const { timing = labDefaults.timing, seed = labDefaults.seed, dataPlane = labDefaults.dataPlane } = options;
  if (options.foreground) {
    const { serveLab } = await import("./lab-serve.ts");
    return serveLab(run, { port, timing, seed, dataPlane });
  }
  const args = ["--timing", timing, "--seed", String(seed), "--data-plane", dataPlane];
  if (port !== undefined) args.push("--port", String(port));
  const lab = await decided(run, await startLabProcess(run, args));
  // Somebody else's may have been quicker.
  assertAsAsked(lab, options);
  return reportLab(run, lab, "started");
}

/** A lab keeps for life what it was started with: whoever asks for something else is told, not given the other. */
function assertAsAsked({ url, health }: FoundLab, options: LabStartOptions): void {
  const { port, timing, seed, dataPlane, foreground } = options;
  const differs = [
    foreground ? "in the background" : "",
    port && port !== Number(url.port) ? `on port ${url.port}, not ${port}` : "",
    timing && timing !== health.profile ? `with timing ${health.profile}, not ${timing}` : "",
    seed !== undefined && seed !== health.seed ? `with seed ${health.seed}, not ${seed}` : "",
    dataPlane && dataPlane !== "auto" && dataPlane !== health.dataPlane
      ? `with data plane ${health.dataPlane}, not ${dataPlane}`
      : "",
  ].filter(Boolean);
  if (differs.length === 0) return;
  throw new UserError(
    `a lab is running already, ${differs.join(", ")}: ${url.origin} (pid ${health.pid})`,
    "stop it first, its tables are kept: peerctl lab stop",
  );
}

export async function labStop(run: Run): Promise<number> {
  const lab = await findLab(labFolder(run.env));
  if (!lab) {
    run.ui.say("no lab is running");
    run.ui.result({ running: false }, "");
    return exitCode.done;
  }
  await exchange(new URL("/_lab/stop", lab.url), { method: "POST" });
  // It stops to answer first, and then writes its tables and gives back the lock: the next lab needs both.
  const lock = `${tablesFile(labFolder(run.env))}.lock`;
  for (let waited = 0; waited < 5000 && existsSync(lock); waited += 25) {
    await run.clock.sleep(25, run.signal);
  }
  run.ui.say(`the lab on ${lab.url.origin} has stopped; its tables are kept`);
  run.ui.result({ running: false, url: lab.url.origin }, "");
  return exitCode.done;
}

export async function labStatus(run: Run): Promise<number> {
  const lab = await findLab(labFolder(run.env));
  if (lab) return reportLab(run, await decided(run, lab), "is running");
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

function reportLab({ ui }: Run, { url, health }: FoundLab, what: string): number {
  const { pid, profile, dataPlane, dataPlaneWhy } = health;
  const why = dataPlaneWhy ? `\ndata plane ${dataPlane}: ${dataPlaneWhy}` : "";
  ui.result(
    { running: true, url: url.origin, pid, timing: profile, dataPlane, dataPlaneWhy },
    `the lab ${what}: ${url.origin} (pid ${pid}, timing ${profile}, data plane ${dataPlane})${why}`,
  );
  return exitCode.done;
}
