import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { LinuxDataPlane } from "../src/lab/data-plane/linux/linux.ts";
import type { Chain } from "./hundred-vpcs.ts";
import { times } from "./row.ts";

/** From the first instance to the second, and beside it within the first alone. */
export async function throughput(plane: LinuxDataPlane, { instances }: Chain): Promise<string> {
  const [near, far] = [instances[0]!, instances[1]!];
  const across = await measure(plane, near.id, far);
  const loopback = await measure(plane, near.id, near);
  const ratio = times(across / loopback);
  return `${giga(across)}, ${ratio} of what one instance sends to itself (${giga(loopback)})`;
}

/** Bits a second. */
async function measure(plane: LinuxDataPlane, from: string, to: Chain["instances"][number]): Promise<number> {
  const [server, ...serverArgs] = plane.enter(to.id, ["iperf3", "-s", "-1", "--forceflush"]);
  const listening = spawn(server, serverArgs, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(listening, "close");
  for await (const line of createInterface(listening.stdout)) if (line.includes("listening")) break;
  listening.stdout.resume();
  const [client, ...args] = plane.enter(from, ["iperf3", "-c", to.address, "-t", "3", "-J"]);
  const { stdout } = await promisify(execFile)(client, args, { maxBuffer: 2 ** 24 });
  await ended;
  const result = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } };
  return result.end.sum_received.bits_per_second;
}

const giga = (bits: number) => `${(bits / 1e9).toFixed(1)} Gbit/s`;
