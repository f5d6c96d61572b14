import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onPath, terraformPlugins } from "../test/peers/support/found.ts";
import { startMoto } from "../test/peers/support/moto.ts";
import { output } from "../test/peers/support/run.ts";
import { delayProxy } from "./delay-proxy.ts";
import { clientEnv, hostLab } from "./labs.ts";
import { type Place, place } from "./place.ts";
import { type Row, row, seconds, told } from "./row.ts";

/** Milliseconds added to each call: none, and about the way to AWS and back. */
const delays = [0, 120];

/** The tutorial's topology made, looked at and removed by Terraform and by peerctl, on the same endpoints, side by side. */
export async function terraform(): Promise<Row[]> {
  const binary = onPath("terraform");
  const plugins = terraformPlugins();
  if (!binary || !plugins)
    return [told("against Terraform", "terraform or its AWS provider is not on this machine")];
  const rows: Row[] = [];
  for (const { name, start } of endpoints()) {
    if (!start) {
      rows.push(told(`against Terraform, on ${name}`, "moto_server is not on this machine"));
      continue;
    }
    for (const delay of delays) {
      const endpoint = await start();
      const proxy = await delayProxy(endpoint.url, delay);
      try {
        const env = clientEnv(proxy.url, endpoint.outside);
        const theirs = await side(env, proxy.calls, (at) => terraformRun(at, binary, plugins));
        const ours = await side(env, proxy.calls, peerctlRun);
        rows.push(compare(`on ${name}, ${delay} ms added`, ours, theirs, name === "moto" && delay === 0));
      } finally {
        await proxy.stop();
        await endpoint.stop();
      }
    }
  }
  return rows;
}

interface Target {
  url: string;
  /** Who answers for the outside world, where the endpoint does not. */
  outside: string | undefined;
  stop(): Promise<void>;
}

function endpoints(): { name: string; start?: () => Promise<Target> }[] {
  const moto = onPath("moto_server");
  return [
    {
      name: "the lab",
      start: async () => {
        const lab = await hostLab({ timing: "instant" });
        return { url: lab.url, outside: lab.url, stop: lab.stop };
      },
    },
    { name: "moto", ...(moto && { start: async () => ({ ...(await startMoto(moto)), outside: "" }) }) },
  ];
}

/** Makes, looks again, removes: each as milliseconds and calls. */
type Side = { make: Part; again: Part; remove: Part };
interface Part {
  ms: number;
  calls: number;
}
type Steps = { make(): Promise<unknown>; again(): Promise<unknown>; remove(): Promise<unknown> };

async function side(
  env: NodeJS.ProcessEnv,
  calls: () => number,
  prepare: (at: Place) => Promise<Steps>,
): Promise<Side> {
  const at = place(env);
  try {
    const steps = await prepare(at);
    const part = async (work: () => Promise<unknown>): Promise<Part> => {
      const [before, began] = [calls(), performance.now()];
      await work();
      return { ms: performance.now() - began, calls: calls() - before };
    };
    return { make: await part(steps.make), again: await part(steps.again), remove: await part(steps.remove) };
  } finally {
    at.remove();
  }
}

async function peerctlRun(at: Place): Promise<Steps> {
  return {
    make: () => at.succeed(["up", "--yes"]),
    again: () => at.succeed(["up", "--yes"]),
    remove: () => at.succeed(["down", "--yes"]),
  };
}

async function terraformRun(at: Place, binary: string, plugins: string): Promise<Steps> {
  const config = join(at.folder, "terraform.rc");
  writeFileSync(config, `provider_installation {\n  filesystem_mirror {\n    path = "${plugins}"\n  }\n}\n`);
  const main = readFileSync(resolve("test/peers/terraform/main.tf"), "utf8");
  // moto does not take a volume's size from its image.
  writeFileSync(join(at.folder, "main.tf"), main.replace("root_block_device {", "$&\n    volume_size = 8"));
  const env = { ...at.env, TF_CLI_CONFIG_FILE: config, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };
  const run = (...args: string[]) =>
    output(binary, [...args, "-no-color"], { env, cwd: at.folder, timeout: 600_000 });
  await run("init");
  return {
    make: () => run("apply", "-auto-approve"),
    again: () => run("plan"),
    remove: () => run("destroy", "-auto-approve"),
  };
}

function compare(where: string, ours: Side, theirs: Side, isGoal: boolean): Row {
  const ratio = (ours.make.ms + ours.remove.ms) / (theirs.make.ms + theirs.remove.ms);
  const text = ({ make, again, remove }: Side) =>
    [make, again, remove].map(({ ms, calls }) => `${seconds(ms)} (${calls})`).join(" / ");
  const measured = `${ratio.toFixed(3)}: up / up again / down ${text(ours)}, Terraform ${text(theirs)}`;
  const what = `up and down against Terraform's, ${where}`;
  return isGoal
    ? row(what, ratio, { most: 0.1 }, { goal: "<= 0.1", measured })
    : { what, goal: "", measured, verdict: "-" };
}
