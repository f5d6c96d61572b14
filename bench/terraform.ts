import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { onPath, terraformPlugins } from "../test/peers/support/found.ts";
import { startMoto } from "../test/peers/support/moto.ts";
import { output } from "../test/peers/support/run.ts";
import { delayProxy } from "./delay-proxy.ts";
import { clientEnv, hostLab } from "./labs.ts";
import { type Place, place } from "./place.ts";
import { type Row, told } from "./row.ts";
import { compare, type Part, type Side } from "./sides.ts";

/** Milliseconds added to each call: none, and about the way to AWS and back. */
const delays = [0, 120];

/** Whoever goes first may find the machine in another state than the second: each goes first once. */
const rounds = [
  ["Terraform", "peerctl"],
  ["peerctl", "Terraform"],
] as const;
type Name = (typeof rounds)[number][number];

/**
 * The tutorial's topology made, looked at and removed by Terraform and by peerctl, on the same kinds of endpoints, each time
 * a fresh one.
 */
export async function terraform(): Promise<Row[]> {
  const binary = onPath("terraform");
  const plugins = terraformPlugins();
  if (!binary || !plugins)
    return [told("against Terraform", "terraform or its AWS provider is not on this machine")];
  const prepare: Record<Name, (at: Place) => Promise<Steps>> = {
    Terraform: (at) => terraformRun(at, binary, plugins),
    peerctl: peerctlRun,
  };
  const rows: Row[] = [];
  for (const { name, start } of endpoints()) {
    if (!start) {
      rows.push(told(`against Terraform, on ${name}`, "moto_server is not on this machine"));
      continue;
    }
    for (const delay of delays) {
      const went: Record<Name, Side[]> = { Terraform: [], peerctl: [] };
      for (const who of rounds.flat()) went[who].push(await side(start, delay, prepare[who]));
      rows.push(compare(`on ${name}, ${delay} ms added`, went, name === "moto" && delay === 0));
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

type Steps = { make(): Promise<unknown>; again(): Promise<unknown>; remove(): Promise<unknown> };

async function side(
  start: () => Promise<Target>,
  delay: number,
  prepare: (at: Place) => Promise<Steps>,
): Promise<Side> {
  const endpoint = await start();
  const { url, calls, stop } = await delayProxy(endpoint.url, delay);
  const at = place(clientEnv(url, endpoint.outside));
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
    await stop();
    await endpoint.stop();
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
