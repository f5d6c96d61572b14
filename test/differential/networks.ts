import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import type { Clock } from "../../src/clock.ts";
import { changes } from "../../src/lab/data-plane/linux/changes.ts";
import { guestsOf } from "../../src/lab/data-plane/linux/guests.ts";
import type { Holder } from "../../src/lab/data-plane/linux/holder.ts";
import { type LinuxDataPlane, linuxDataPlane } from "../../src/lab/data-plane/linux/linux.ts";
import { numbers } from "../../src/lab/data-plane/linux/numbers.ts";
import { planOf } from "../../src/lab/data-plane/linux/plan.ts";
import { probe } from "../../src/lab/data-plane/linux/probe.ts";
import { isVacant } from "../../src/lab/data-plane/view.ts";
import { instant } from "../../src/lab/profile.ts";
import { startLab } from "../../src/lab/server.ts";
import { snapshotOf } from "../../src/lab/snapshot.ts";
import type { World } from "../../src/lab/world.ts";
import { index, type Network } from "../../src/net/network.ts";
import type { Snapshot } from "../../src/net/types.ts";
import { ask, type Seen } from "./ask.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { placesOf } from "./clients.ts";
import { differenceOf, type Expected, expectedOf, isComplete } from "./expected.ts";
import { staleState } from "./kernel-state.ts";
import { mutate } from "./mutations.ts";
import { type Asked, questionsFor } from "./questions.ts";
import { type Tally, tally } from "./tally.ts";
import { makeTopology } from "./topology.ts";

/** Questions for each network as it is. */
const count = 60;

/** Makes the networks of so many seeds and compares the planes in each; every disagreement is told, in words. */
export async function compareNetworks(options: {
  holder: Holder;
  clock: Clock;
  firstSeed: number;
  runs: number;
}): Promise<{ told: string[]; counts: Tally }> {
  const { holder, clock, firstSeed, runs } = options;
  const numberOf = numbers();
  const plane = linuxDataPlane({ holder, clock, numberOf });
  const many = { vpcs: 100, internetGateways: 100, elasticIps: 100 };
  // Nobody logs in: without sshd each instance starts sooner.
  const profile = { ...instant, sshdStart: 1e9 };
  // Each fourth network comes about in the kernel step by step, as the calls come; the others in one go, which is faster.
  let holds = false;
  const dataPlane = { ...plane, apply: (world: World) => (holds ? undefined : plane.apply(world)) };
  const lab = await startLab({ profile, seed: 1, clock, dataPlane, quotas: many });
  const places = placesOf(lab.url);
  const told: string[] = [];
  const counts = tally();

  /** What goes on by itself after a call (an interface is being detached) has happened by the next one. */
  const comeToRest = () => places[0]!.client.send(new DescribeVpcsCommand({}));
  const examine = async (chance: Chance, round: 0 | 1, title: string) => {
    await comeToRest();
    const snapshot = snapshotOf(lab.world);
    const network = index(snapshot);
    const questions = questionsFor(snapshot, network, chance, { count, round });
    plane.apply(lab.world);
    await plane.settled();
    counts.add(questions);
    for (const text of await compare(plane, snapshot, network, questions)) tell(`${title}: ${text}`);
  };
  const tell = (text: string) => {
    told.push(text);
    console.log(text);
  };

  try {
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      const chance = chanceOf(seed);
      holds = seed % 4 !== 0;
      await fetch(new URL("/_lab/reset", lab.url), { method: "POST" });
      await makeTopology(places, chance);
      await examine(chance, 0, `seed ${seed}`);
      if (seed % 2 === 0) {
        // Half of them go on, each change being brought to the kernel as it comes.
        holds = false;
        const made = await mutate(places, chance, 1 + chance.below(8), () => snapshotOf(lab.world));
        counts.change(made);
        const title = `seed ${seed} after ${made.join(", ") || "no change"}`;
        await comeToRest();
        await plane.settled();
        const plan = planOf(snapshotOf(lab.world), guestsOf(lab.world), numberOf);
        const spare = await probe();
        if ("lacks" in spare) throw new Error(spare.lacks);
        const stale = await staleState(holder, spare, plan, changes).finally(spare.close);
        for (const line of stale) tell(`${title}: ${line}`);
        await examine(chance, 1, title);
      }
      if (runs > 25 && seed % 25 === 0) {
        console.log(`seed ${seed}: ${told.length} disagreements; ${counts.text()}`);
      }
    }
  } finally {
    for (const { client } of places) client.destroy();
    await lab.stop();
  }
  return { told, counts };
}

/** What the kernel does otherwise than `net/` says, each with the hops that `net/` sees. */
async function compare(
  plane: LinuxDataPlane,
  snapshot: Snapshot,
  network: Network,
  questions: readonly Asked[],
): Promise<string[]> {
  // To `net/` all that is outside answers; in the lab nobody is there at a public address that is at nobody's.
  const expected = questions.map(
    (each): Expected =>
      isVacant({ network }, each.destination) ? { answered: false } : expectedOf(each.verdict, each),
  );
  const complete = (of: readonly number[]) => (seen: readonly Seen[]) =>
    of.every((place, n) => isComplete(expected[place]!, seen[n]!));
  const all = questions.map((_, place) => place);
  const seen = await ask(plane.enter, snapshot, questions, { patience: 150, enough: complete(all) });
  // A busy machine may be late: what is missing is asked for again, with more patience. What should not have come, has.
  const late = all.filter((place) => !complete([place])([seen[place]!]));
  if (late.length > 0) {
    const asked = late.map((place) => questions[place]!);
    const again = await ask(plane.enter, snapshot, asked, { patience: 1500, enough: complete(late) });
    late.forEach((place, n) => {
      seen[place]!.answered ||= again[n]!.answered;
      seen[place]!.arrivals.push(...(seen[place]!.arrivals.length > 0 ? [] : again[n]!.arrivals));
    });
  }
  return questions.flatMap((each, place) => {
    const difference = differenceOf(expected[place]!, seen[place]!);
    return difference === undefined ? [] : `${textOf(each)}: ${difference}\n${hopsOf(each)}`;
  });
}

function textOf({ probe: { protocol, port, from }, source, sourcePort, destination }: Asked): string {
  return `${protocol} ${source}:${sourcePort} -> ${destination}:${port ?? ""} (${JSON.stringify(from)})`;
}

function hopsOf({ verdict }: Asked): string {
  const hops = verdict.reachable ? verdict.hops : verdict.blockers;
  return hops.map((hop) => `    ${hop.leg} ${hop.id}: ${hop.reason}`).join("\n");
}
