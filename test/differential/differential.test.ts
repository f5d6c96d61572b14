import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { linuxDataPlane } from "../../src/lab/data-plane/linux/linux.ts";
import { probe as probeMachine } from "../../src/lab/data-plane/linux/probe.ts";
import { instant } from "../../src/lab/profile.ts";
import { startLab } from "../../src/lab/server.ts";
import { snapshotOf } from "../../src/lab/snapshot.ts";
import type { World } from "../../src/lab/world.ts";
import { index } from "../../src/net/network.ts";
import { ask } from "./ask.ts";
import { chanceOf } from "./chance.ts";
import { placesOf } from "./clients.ts";
import { type Asked, questionsFor } from "./questions.ts";
import { tally } from "./tally.ts";
import { makeTopology } from "./topology.ts";

/** In the everyday run a few, for the fences; see scripts/differential.js for more. */
const long = process.env.PEERCTL_RUNS !== undefined;
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
    // Each fourth network comes about in the kernel step by step, as the calls come; the others in one go, which is faster.
    let holds = false;
    const dataPlane = { ...plane, apply: (world: World) => (holds ? undefined : plane.apply(world)) };
    const lab = await startLab({ profile, seed: 1, clock: systemClock, dataPlane, quotas: many });
    const places = placesOf(lab.url);
    const compare = async (seed: number): Promise<{ questions: Asked[]; differing: Asked[] }> => {
      holds = seed % 4 !== 0;
      await fetch(new URL("/_lab/reset", lab.url), { method: "POST" });
      const chance = chanceOf(seed);
      await makeTopology(places, chance);
      const snapshot = snapshotOf(lab.world);
      const questions = questionsFor(snapshot, index(snapshot), chance, probes);
      plane.apply(lab.world);
      await plane.settled();
      const answers = await ask(plane, snapshot, questions, 150);
      // A busy machine may be late: who got no answer is asked again, with more patience.
      const late = questions.filter(({ verdict }, place) => verdict.reachable && !answers[place]);
      const again = late.length > 0 ? await ask(plane, snapshot, late, 1500) : [];
      const lost = late.filter((_, place) => !again[place]);
      const slipped = questions.filter(({ verdict }, place) => !verdict.reachable && answers[place]);
      return { questions, differing: [...lost, ...slipped] };
    };
    const told: string[] = [];
    const counts = tally();
    try {
      for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
        const { questions, differing } = await compare(seed);
        for (const each of differing) {
          told.push(tell(seed, each));
          console.log(told.at(-1));
        }
        counts.add(questions);
        if (long && seed % 25 === 0) {
          console.log(`seed ${seed}: ${told.length} disagreements; ${counts.text()}`);
        }
      }
    } finally {
      for (const { client } of places) client.destroy();
      await lab.stop();
    }
    console.log(`${runs} networks; ${counts.text()}`);
    expect(told.join("\n")).toBe("");
    expect(counts.open).toBeGreaterThan(runs);
  },
  60_000 + runs * 10_000,
);

function tell(seed: number, { probe, source, destination, verdict }: Asked): string {
  const { protocol, port, sourcePort } = probe;
  const hops = verdict.reachable ? verdict.hops : verdict.blockers;
  const ends = `${protocol} ${source}:${sourcePort ?? ""} -> ${destination}:${port ?? ""}`;
  const said = `net/ says ${verdict.reachable}, the kernel ${!verdict.reachable}`;
  return [
    `seed ${seed}: ${ends} (${JSON.stringify(probe.from)}): ${said}`,
    ...hops.map((hop) => `    ${hop.leg} ${hop.id}: ${hop.reason}`),
  ].join("\n");
}
