import { probe } from "../src/lab/data-plane/linux/probe.ts";
import { firstSshByte } from "./first-ssh-byte.ts";
import { hundred } from "./hundred.ts";
import { hostLab } from "./labs.ts";
import { place } from "./place.ts";
import { median, type Row, seconds, times, told } from "./row.ts";

const planes = ["linux", "model"] as const;
const rounds = 5;

/** What real packets cost beside the model, where this machine has them. */
export async function packets(): Promise<Row[]> {
  const found = await probe();
  if ("lacks" in found) return [told("packets", `no real packets on this machine: ${found.lacks}`)];
  await found.close();
  return [await firstByte(), await defaultTopology(), ...(await hundred())];
}

async function firstByte(): Promise<Row> {
  const ms = { linux: 0, model: 0 };
  for (const dataPlane of planes) {
    const lab = await hostLab({ timing: "instant", dataPlane });
    try {
      ms[dataPlane] = median(await firstSshByte(lab.url, rounds));
    } finally {
      await lab.stop();
    }
  }
  const measured = `linux ${ms.linux.toFixed(0)} ms, model ${ms.model.toFixed(0)} ms`;
  return told("packets: RunInstances to the first SSH byte", measured);
}

/** Turn and turn about, each time with a fresh lab. */
async function defaultTopology(): Promise<Row> {
  const ms: Record<(typeof planes)[number], number[]> = { linux: [], model: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const dataPlane of planes) {
      const lab = await hostLab({ timing: "instant", dataPlane });
      const at = place(lab.env);
      try {
        let sum = 0;
        for (const args of [
          ["up", "--yes"],
          ["test-ping", "--count", "1"],
          ["down", "--yes"],
        ]) {
          sum += (await at.succeed(args)).ms;
        }
        ms[dataPlane].push(sum);
      } finally {
        await lab.stop();
        at.remove();
      }
    }
  }
  const [linux, model] = [median(ms.linux), median(ms.model)];
  const measured = `linux ${seconds(linux)}, model ${seconds(model)}: ${times(linux / model)}`;
  return told("packets: up, test-ping of one packet, down", measured);
}
