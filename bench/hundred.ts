import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemClock } from "../src/clock.ts";
import { type LinuxDataPlane, linuxDataPlane } from "../src/lab/data-plane/linux/linux.ts";
import { probe } from "../src/lab/data-plane/linux/probe.ts";
import { modelDataPlane } from "../src/lab/data-plane/model.ts";
import { instant } from "../src/lab/profile.ts";
import { startLab } from "../src/lab/server.ts";
import { onPath } from "../test/peers/support/found.ts";
import { type Chain, chainOfVpcs, letIn } from "./hundred-vpcs.ts";
import { throughput } from "./iperf.ts";
import { labClient } from "./lab-client.ts";
import { memoryOf, slabsMb } from "./memory.ts";
import { type Row, seconds, times, told } from "./row.ts";

const count = 100;
const what = `packets: ${count} VPCs, ${count} instances`;

/** A hundred VPCs in a chain of peerings, an instance in each. The lab is in this process, so that its plane is at hand. */
export async function hundred(): Promise<Row[]> {
  const model = await withLab(modelDataPlane({ clock: systemClock }), async (url) => (await made(url)).ms);
  const holder = await probe();
  if ("lacks" in holder) throw new Error(holder.lacks);
  const plane = linuxDataPlane({ holder, clock: systemClock });
  return await withLab(plane, async (url) => {
    const slabsBefore = slabsMb();
    const { ms, chain } = await made(url);
    const behind = await time(() => plane.settled());
    const listening = await time(() => allListen(plane, chain));
    const memory = memoryOf(process.pid);
    const slabs = slabsMb() - slabsBefore;
    const change = await time(async () => {
      await letIn(url, chain.groups[1]!);
      await plane.settled();
    });
    return [
      told(
        `${what}: set-up`,
        `${seconds(ms + behind)}: ${seconds(ms)} for the calls, and the kernel ${seconds(behind)} after; model ${seconds(model)} (${times((ms + behind) / model)})`,
      ),
      told(`${what}: until all SSH servers listen`, `${seconds(listening)} more`),
      told(`${what}: one new rule, until packets obey`, `${change.toFixed(0)} ms`),
      told(
        `${what}: memory`,
        `lab and bench ${memory.own.toFixed(0)} MB, namespaces' processes ${memory.children.toFixed(0)} MB, the kernel about ${slabs.toFixed(0)} MB more`,
      ),
      told("packets: ping across a peering", await ping(plane, chain)),
      told(
        "packets: iperf3 across a peering",
        onPath("iperf3") ? await throughput(plane, chain) : "iperf3 is not installed",
      ),
    ];
  });
}

async function withLab<Result>(
  dataPlane: Parameters<typeof startLab>[0]["dataPlane"],
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  const quotas = { vpcs: count + 1 };
  const lab = await startLab({ profile: instant, seed: 1, clock: systemClock, dataPlane, quotas });
  try {
    return await use(lab.url);
  } finally {
    await lab.stop();
  }
}

async function made(url: string): Promise<{ ms: number; chain: Chain }> {
  const client = labClient(url);
  try {
    const began = performance.now();
    const chain = await chainOfVpcs(client, count);
    return { ms: performance.now() - began, chain };
  } finally {
    client.destroy();
  }
}

async function allListen(plane: LinuxDataPlane, { instances }: Chain): Promise<void> {
  await Promise.all(instances.map(({ id }) => plane.instance(id)?.listening()));
}

async function time(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function ping(plane: LinuxDataPlane, { instances: [near, far] }: Chain): Promise<string> {
  const [command, ...args] = plane.enter(near!.id, ["ping", "-q", "-c", "500", "-i", "0.002", far!.address]);
  const { stdout } = await promisify(execFile)(command, args);
  const figures = /received, (\S+) packet loss[\s\S]*= ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(stdout);
  if (!figures) throw new Error(`ping said: ${stdout}`);
  const [, loss, ...ms] = figures;
  const [least, mean, most] = ms.map((each) => `${(Number(each) * 1000).toFixed(0)}`);
  return `${mean} us (least ${least}, most ${most}); ${loss} of 500 lost`;
}
