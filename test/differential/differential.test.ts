import { EC2Client } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { linuxDataPlane } from "../../src/lab/data-plane/linux/linux.ts";
import { probe as probeMachine } from "../../src/lab/data-plane/linux/probe.ts";
import { instant } from "../../src/lab/profile.ts";
import { startLab } from "../../src/lab/server.ts";
import { snapshotOf } from "../../src/lab/snapshot.ts";
import { index } from "../../src/net/network.ts";
import { reach } from "../../src/net/reach.ts";
import { chanceOf } from "./chance.ts";
import { ask, type Question, questionsFor } from "./probes.ts";
import { makeTopology } from "./topology.ts";

/** In the everyday run a few, for the fences; see scripts/differential.js for more. */
const runs = Number(process.env.PEERCTL_RUNS ?? 3);
const firstSeed = Number(process.env.PEERCTL_SEED ?? 1);
/** Questions for each topology. */
const probes = 60;

const holder = await probeMachine();
const lacks = "lacks" in holder ? holder.lacks : undefined;
if (lacks) console.warn(`the two data planes are not compared here: ${lacks}`);

test.skipIf(lacks !== undefined)(
  `net/ and the kernel agree about ${runs} random networks`,
  async () => {
    if ("lacks" in holder) return;
    const plane = linuxDataPlane({ holder, clock: systemClock });
    const many = { vpcs: 100, internetGateways: 100, elasticIps: 100 };
    // Nobody logs in: without sshd each instance starts sooner.
    const profile = { ...instant, sshdStart: 1e9 };
    const lab = await startLab({ profile, seed: 1, clock: systemClock, dataPlane: plane, quotas: many });
    const client = new EC2Client({
      endpoint: lab.url,
      region: "us-east-1",
      maxAttempts: 1,
      credentials: { accessKeyId: "123456789012", secretAccessKey: "lab" },
    });
    const told: string[] = [];
    let asked = 0;
    let open = 0;
    try {
      for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
        await fetch(new URL("/_lab/reset", lab.url), { method: "POST" });
        const chance = chanceOf(seed);
        await makeTopology(client, chance);
        const snapshot = snapshotOf(lab.world);
        const network = index(snapshot);
        const questions = questionsFor(snapshot, chance, probes);
        const verdicts = questions.map(({ probe }) => reach(network, probe));
        await plane.settled();
        const answers = await ask(plane, snapshot, questions, 150);
        const doubtful = questions.filter((_, place) => answers[place] !== verdicts[place]!.reachable);
        // A busy machine may be late: who disagrees is asked again, with more patience.
        const again = doubtful.length > 0 ? await ask(plane, snapshot, doubtful, 1500) : [];
        doubtful.forEach((question, place) => {
          const verdict = verdicts[questions.indexOf(question)]!;
          if (again[place] !== verdict.reachable) told.push(tell(seed, question, verdict));
        });
        asked += questions.length;
        open += verdicts.filter((each) => each.reachable).length;
        if (process.env.PEERCTL_RUNS && seed % 25 === 0) {
          console.log(`seed ${seed}: ${asked} probes, ${open} reachable, ${told.length} disagreements`);
        }
      }
    } finally {
      client.destroy();
      await lab.stop();
    }
    console.log(`${runs} networks, ${asked} probes, ${open} of them reachable`);
    expect(told.join("\n")).toBe("");
    expect(open).toBeGreaterThan(runs);
  },
  60_000 + runs * 10_000,
);

function tell(
  seed: number,
  { probe, source, destination }: Question,
  verdict: ReturnType<typeof reach>,
): string {
  const { protocol, port, sourcePort } = probe;
  const why = verdict.reachable
    ? verdict.hops.map((hop) => `    ${hop.leg} ${hop.id}: ${hop.reason}`)
    : verdict.blockers.map((hop) => `    ${hop.leg} ${hop.id}: ${hop.reason}`);
  return [
    `seed ${seed}: ${protocol} ${source}:${sourcePort ?? ""} -> ${destination}:${port ?? ""} (${JSON.stringify(probe.from)}): net/ says ${verdict.reachable}, the kernel ${!verdict.reachable}`,
    ...why,
  ].join("\n");
}
