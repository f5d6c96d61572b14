import { bench, describe } from "vitest";
import { index } from "../../src/net/network.ts";
import { reach } from "../../src/net/reach.ts";
import type { Snapshot } from "../../src/net/types.ts";
import { addInstance, addPeering, addVpc, find, sample, tcp } from "./sample.ts";

/** 200 VPCs in chains of peerings, 1,000 interfaces, 2,000 rules: all pairs of one interface of each VPC. */
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

const snapshot = large();
const json = JSON.stringify(snapshot);
const ends = Array.from({ length: 200 }, (_, n) => ({ kind: "interface", id: `eni-${n + 1}` }) as const);

describe("200 VPCs", () => {
  bench("parse the snapshot", () => {
    JSON.parse(json);
  });
  bench("index it", () => {
    index(snapshot);
  });
  bench(
    "index it and trace all pairs of 200 interfaces",
    () => {
      const network = index(snapshot);
      for (const from of ends) for (const to of ends) reach(network, { from, to, protocol: "icmp" });
    },
    { iterations: 5, time: 0 },
  );
});
