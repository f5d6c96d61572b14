import { setMaxListeners } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { EC2 } from "@aws-sdk/client-ec2";
import { onTestFinished } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { make } from "../../src/commands/make.ts";
import type { Run } from "../../src/commands/run.ts";
import { status } from "../../src/commands/status.ts";
import { teardown } from "../../src/commands/teardown.ts";
import { resolveConfig } from "../../src/config.ts";
import { modelDataPlane } from "../../src/lab/data-plane/model.ts";
import type { Fault } from "../../src/lab/faults.ts";
import { instant } from "../../src/lab/profile.ts";
import { type Lab, type LabOptions, startLab } from "../../src/lab/server.ts";
import type { State } from "../../src/state/schema.ts";
import { stepNamed, steps } from "../../src/steps/index.ts";
import type { StepName } from "../../src/steps/step.ts";
import { type Recorded, recordingUi } from "./recording-ui.ts";

/** How one command ended. */
export interface Outcome extends Recorded {
  /** Undefined where it threw. */
  code: number | undefined;
  error: Error | undefined;
  /** The actions that it sent, in order, as the lab's log has them. */
  calls: string[];
}

export interface Bench {
  lab: Lab;
  /** The state file's path. */
  file: string;
  /** For doing things behind peerctl's back, and for looking. */
  ec2: EC2;
  /** A command with a Run of its own, pointed at the lab by --lab. Never throws: see `Outcome.error`. */
  command(work: (run: Run) => Promise<number>, how?: How): Promise<Outcome>;
  make(names: readonly StepName[], how?: How): Promise<Outcome>;
  up(how?: How): Promise<Outcome>;
  /** Without names: everything. */
  teardown(names?: readonly StepName[], how?: How): Promise<Outcome>;
  status(how?: How): Promise<Outcome>;
  /** The state file's content. */
  state(): Promise<State>;
  /** Changes the state file, as a crash or a person would. */
  edit(change: (state: State) => void): Promise<void>;
  faults(...list: Fault[]): Promise<void>;
}

interface How {
  /** As commander hands them over, e.g. `{ name: "other" }`. */
  flags?: Record<string, unknown>;
  /** What the person at the terminal says; undefined: no terminal. */
  answer?: boolean;
  /** Seen by the command; abort it for Ctrl-C. */
  controller?: AbortController;
}

export const stepNames = steps.map(({ name }) => name);

/** A lab in this process, and commands against it, that end with the test. */
export async function bench({
  clock = systemClock,
  ...options
}: Partial<LabOptions> & { clock?: Clock } = {}): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), "peerctl-test-"));
  const dataPlane = modelDataPlane({ clock });
  const lab = await startLab({ profile: instant, seed: 1, clock, dataPlane, ...options });
  // Where `--lab` looks for one that runs.
  writeFileSync(join(folder, "url"), `${lab.url}\n`);
  const ec2 = new EC2({
    endpoint: lab.url,
    region: "us-east-1",
    credentials: { accessKeyId: "123456789012", secretAccessKey: "lab" },
  });
  onTestFinished(async () => {
    ec2.destroy();
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "peerctl.state.json");

  const command: Bench["command"] = async (work, { flags, answer, controller } = {}) => {
    const abort = controller ?? new AbortController();
    setMaxListeners(0, abort.signal);
    const { ui, recorded } = recordingUi(answer);
    const seen = lab.log.entries.length;
    const run: Run = {
      config: resolveConfig({ flags: { lab: true, ...flags }, env: {}, cwd: folder }),
      ui,
      clock,
      env: { PEERCTL_LAB_DIR: folder },
      signal: abort.signal,
      abort: (cause) => abort.abort(cause),
      stdin: new PassThrough() as unknown as NodeJS.ReadStream,
      stdout: new PassThrough() as unknown as NodeJS.WriteStream,
      command: "peerctl test",
    };
    let code: number | undefined;
    let error: Error | undefined;
    try {
      code = await work(run);
    } catch (thrown) {
      error = thrown as Error;
    }
    const calls = lab.log.entries.slice(seen).map(({ action }) => action);
    return { ...recorded, code, error, calls };
  };

  const makeSteps: Bench["make"] = (names, how) =>
    command(
      (run) =>
        make(
          run,
          names.map((name) => stepNamed(name)!),
        ),
      how,
    );
  const state = async () => JSON.parse(await readFile(file, "utf8")) as State;
  return {
    lab,
    file,
    ec2,
    command,
    make: makeSteps,
    up: (how) => makeSteps(stepNames, how),
    teardown: (names = stepNames, how) => command((run) => teardown(run, { names, dryRun: false }), how),
    status: (how) => command(status, how),
    state,
    edit: async (change) => {
      const edited = await state();
      change(edited);
      await writeFile(file, `${JSON.stringify(edited, undefined, 2)}\n`);
    },
    faults: async (...list) => {
      await fetch(`${lab.url}/_lab/faults`, { method: "POST", body: JSON.stringify(list) });
    },
  };
}

/** The keys of an outcome's events of one kind, sorted. */
export function keysOf({ events }: Outcome, what: Outcome["events"][number]["what"]): string[] {
  return events
    .filter((event) => event.what === what)
    .map(({ key }) => key)
    .sort();
}

/** The actions among `calls` that change something. */
export function changesIn({ calls }: Outcome): string[] {
  return calls.filter((action) => !isRead(action)).sort();
}
