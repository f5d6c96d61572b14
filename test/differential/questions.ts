import { callerAddress } from "../../src/lab/connect-proxy.ts";
import { internet } from "../../src/lab/data-plane/linux/plan.ts";
import type { Network } from "../../src/net/network.ts";
import { reach } from "../../src/net/reach.ts";
import type { BlockerCode, Probe, Snapshot, Verdict } from "../../src/net/types.ts";
import type { Chance } from "./chance.ts";

/** A question for both planes: as `net/` takes it, and as it is sent. */
export interface Question {
  probe: Probe;
  namespace: string;
  source: string;
  /** Of TCP and UDP the port, of ICMP the identifier; no two questions have the same. */
  sourcePort: number;
  destination: string;
}

/** The hosts of the internet that ask and are asked; others answer pings and refuse TCP. */
export const hosts = [callerAddress, "8.8.8.8"];
export const udpPorts = [53, 5000, 33000];
const tcpPorts = [...udpPorts, 22, 80];

export interface Asked extends Question {
  /** What `net/` says. */
  verdict: Verdict;
}

/** Of so many random questions the most telling are asked. */
const drawn = 500;
/** Source ports begin here, and each question has so many to choose from. */
const firstPort = 33_001;
const span = 60;
/** Of a hundred questions so many are such that the packet arrives, if there are. */
const arriving = 45;

/**
 * `count` questions of random ones: not quite half arrive, by as many different ways as there are; the others fail for all
 * the reasons that there are, preferably for one alone, as a second one would hide whether the first holds.
 */
export function questionsFor(snapshot: Snapshot, network: Network, chance: Chance, count: number): Asked[] {
  const all = draw(snapshot, chance).map((each) => ({ ...each, verdict: reach(network, each.probe) }));
  const ways = sorted(
    all.filter(({ verdict }) => verdict.reachable),
    ({ verdict }) => [wayOf(verdict)],
  );
  const faults = sorted(
    all
      .filter(({ verdict }) => !verdict.reachable)
      .sort((a, b) => a.verdict.blockers.length - b.verdict.blockers.length),
    ({ verdict }) => reasonsOf(verdict),
  );
  const open = inTurn(ways, Math.round((count * arriving) / 100));
  return [...open, ...inTurn(faults, count - open.length)];
}

/** Why a packet does not arrive, each reason once. */
export function reasonsOf({ blockers }: Verdict): BlockerCode[] {
  return [...new Set(blockers.flatMap(({ code }) => code ?? []))];
}

function wayOf({ hops, probe }: Verdict): string {
  return [probe.protocol, ...hops.map(({ kind, leg }) => `${leg} ${kind}`)].join();
}

/** By keys; one question may have several. */
function sorted(questions: readonly Asked[], keysOf: (question: Asked) => readonly string[]): Asked[][] {
  const found = new Map<string, Asked[]>();
  for (const each of questions) {
    for (const key of keysOf(each)) {
      const list = found.get(key);
      if (list) list.push(each);
      else found.set(key, [each]);
    }
  }
  return [...found.values()];
}

/** One of each list, then another of each, until there are enough or no more. */
function inTurn(lists: readonly (readonly Asked[])[], count: number): Asked[] {
  const taken = new Set<Asked>();
  for (let round = 0; lists.some((list) => round < list.length); round += 1) {
    for (const list of lists) {
      const next = list[round];
      if (next && taken.size < count) taken.add(next);
    }
  }
  return [...taken];
}

/** Random pairs: instances by private and public addresses, hosts of the internet at either end. */
function draw(snapshot: Snapshot, chance: Chance): Question[] {
  const running = new Set(runningInstances(snapshot));
  const ends = snapshot.interfaces.flatMap((row) =>
    row.addresses.map((address) => ({ id: row.id, instance: row.instance ?? "", ...address })),
  );
  const senders = ends.filter(({ instance }) => running.has(instance));
  const known = ends.flatMap((end) => (end.public ? [{ ...end, public: end.public }] : []));
  const questions: Question[] = [];
  for (let n = 0; n < drawn && senders.length > 0; n += 1) {
    const protocol = chance.pick(["icmp", "tcp", "udp"] as const);
    const sourcePort = firstPort + n * span + chance.below(span);
    const ports =
      protocol === "icmp" ? {} : { port: chance.pick(protocol === "udp" ? udpPorts : tcpPorts), sourcePort };
    if (known.length > 0 && chance.percent(15)) {
      const to = chance.pick(known);
      const source = chance.pick(hosts);
      const probe: Probe = {
        from: { kind: "internet", address: source },
        to: { kind: "interface", id: to.id, address: to.public },
        protocol,
        ...ports,
      };
      questions.push({ probe, namespace: internet, source, sourcePort, destination: to.public });
      continue;
    }
    const from = chance.pick(senders);
    const to = chance.pick(ends);
    const far = to.public && chance.percent(30) ? to.public : to.private;
    const destination = chance.percent(10) ? chance.pick(hosts) : far;
    if (to.id === from.id && destination === far) continue;
    const probe: Probe = {
      from: { kind: "interface", id: from.id, address: from.private },
      to: { kind: "internet", address: destination },
      protocol,
      ...ports,
    };
    questions.push({ probe, namespace: from.instance, source: from.private, sourcePort, destination });
  }
  return questions;
}

export function runningInstances({ instances }: Snapshot): string[] {
  return instances.filter((each) => each.state === "running").map(({ id }) => id);
}
