import { UserError } from "../errors.ts";
import { pingPairs } from "../ping-pairs.ts";
import type { Remedy } from "../report/remedy/line.ts";
import type { Topology } from "../topology.ts";
import { diagnose, type Finding, type Question } from "./diagnosis.ts";
import { findEnd } from "./ends.ts";
import type { Scene } from "./scene.ts";

/** One pair of the matrix. */
export interface MatrixPair {
  from: string;
  to: string;
  /** What the topology wants; undefined for saved tables, which do not know it. */
  expected: boolean | undefined;
  /** Why it is expected to be so. */
  expectedBecause: string;
  reachable: boolean;
  blockers: Finding[];
  remedies: Remedy[];
}

/**
 * Every ordered pair: of the stack's VPCs, by their instances; or, of saved tables, of all interfaces that an instance has.
 * A VPC without an instance reaches nothing.
 */
export async function matrixOf(scene: Scene, question: Question): Promise<MatrixPair[]> {
  const topology = scene.stack?.topology;
  const names = topology
    ? topology.vpcs.map(({ name }) => name)
    : scene.snapshot.interfaces.filter(({ instance }) => instance).map(({ id }) => id);
  const pairs: MatrixPair[] = [];
  for (const from of names) {
    for (const to of names.filter((name) => name !== from)) {
      const wish = topology ? wishOf(topology, from, to, question) : { expected: undefined, why: "" };
      const found = await answer(scene, from, to, question);
      pairs.push({ from, to, expected: wish.expected, expectedBecause: wish.why, ...found });
    }
  }
  return pairs;
}

async function answer(scene: Scene, from: string, to: string, question: Question) {
  try {
    const ends = [await findEnd(scene, from, true), await findEnd(scene, to, false)] as const;
    const { verdict, findings, remedies } = diagnose(scene, ...ends, question);
    return { reachable: verdict.reachable, blockers: findings, remedies };
  } catch (error) {
    // An instance that is not launched yet answers nobody, and launching it is the remedy.
    if (!(error instanceof UserError)) throw error;
    const remedy: Remedy = {
      by: "peerctl",
      command: `${scene.peerctl} launch`,
      steps: ["launch"],
      stage: 2,
      note: error.message,
    };
    return { reachable: false, blockers: [], remedies: [remedy] };
  }
}

/** A stack opens pings over each peering, from the instances that can be connected to, and nothing else. */
function wishOf(topology: Topology, from: string, to: string, { protocol }: Question) {
  const isPeered = topology.peerings.some(
    ({ requester, accepter }) => [requester, accepter].includes(from) && [requester, accepter].includes(to),
  );
  if (!isPeered) return { expected: false, why: "no peering, and peering is not transitive" };
  const opened = pingPairs(topology).some((pair) => pair.from.name === from && pair.to.name === to);
  if (protocol === "icmp" && opened) return { expected: true, why: "peered, and open-icmp lets pings in" };
  return { expected: false, why: "peered, and no step lets this in" };
}
