import { performance } from "node:perf_hooks";
import { index } from "../src/net/network.ts";
import { reach } from "../src/net/reach.ts";
import type { Snapshot } from "../src/net/types.ts";
import { addInstance, addPeering, addVpc, find, sample, tcp } from "../test/net/sample.ts";
import { median, type Row, row, seconds, times, told } from "./row.ts";

/** How long all pairs of 200 interfaces take: in itself, and beside the parsing of the same snapshot. */
export async function doctor(): Promise<Row[]> {
  const snapshot = large();
  const text = JSON.stringify(snapshot);
  const ends = Array.from({ length: 200 }, (_, n) => ({ kind: "interface", id: `eni-${n + 1}` }) as const);
  const pairs = ends.length * (ends.length - 1);
  const trace = () => {
    const network = index(snapshot);
    for (const from of ends)
      for (const to of ends) if (from !== to) reach(network, { from, to, protocol: "icmp" });
  };
  const parse = time(9, () => JSON.parse(text));
  const indexed = time(5, () => index(snapshot));
  const all = time(5, trace);
  const what = "200 VPCs, 1,000 interfaces, 2,000 rules";
  return [
    row(
      `doctor: ${what}, all pairs of 200 interfaces`,
      all,
      { most: 2000 },
      {
        goal: "<= 2 s",
        measured: `${seconds(all)}, ${((all / pairs) * 1000).toFixed(0)} us a pair`,
      },
    ),
    told("doctor: all those pairs beside parsing the same snapshot once", times(all / parse)),
    told(
      "doctor: making the snapshot ready",
      `${times(indexed / parse)} of parsing it (${parse.toFixed(1)} ms)`,
    ),
  ];
}

function time(runs: number, work: () => void): number {
  work();
  return median(
    Array.from({ length: runs }, () => {
      const began = performance.now();
      work();
      return performance.now() - began;
    }),
  );
}

/** Two hundred VPCs in a chain of peerings, five interfaces in each, ten rules and more in each group. */
function large(): Snapshot {
  const snapshot = sample();
  for (let n = 3; n <= 200; n++) addVpc(snapshot, n);
  for (let n = 3; n < 200; n++) addPeering(snapshot, n, n + 1);
  for (let n = 1; n <= 200; n++) {
    for (let more = 1; more <= 4; more++) addInstance(snapshot, n, `${n}-${more}`, `10.${n}.0.${10 + more}`);
    for (let port = 1; port <= 10; port++)
      find(snapshot.securityGroups, `sg-${n}`).ingress.push(tcp(port, "10.0.0.0/8"));
  }
  return snapshot;
}
