import { internet } from "../../src/lab/data-plane/linux/plan.ts";
import { addressOf, cidr } from "../../src/net/cidr.ts";
import type { Network } from "../../src/net/network.ts";
import { reach } from "../../src/net/reach.ts";
import type { BlockerCode, Probe, Snapshot, Verdict } from "../../src/net/types.ts";
import { hosts, type Question, runningInstances, udpPorts } from "./ask.ts";
import type { Chance } from "./chance.ts";

const tcpPorts = [...udpPorts, 22, 80];

export interface Asked extends Question {
  /** What `net/` says. */
  verdict: Verdict;
}

/** Of so many random questions the most telling are asked. */
const drawn = 500;
/** Source ports begin here, and each question has so many to choose from. */
const firstPort = 33_001;
const span = 30;
/** What rules call privileged: a few clients send from there. */
const firstLowPort = 100;
/** Of a hundred questions so many are such that the packet arrives, if there are. */
const arriving = 45;

/**
 * `count` questions of random ones: not quite half arrive, by as many different ways as there are; the others fail for all
 * the reasons that there are, preferably for one alone, as a second one would hide whether the first holds. The questions
 * of the other round have other ports, so that nothing is known of them from before.
 */
export function questionsFor(
  snapshot: Snapshot,
  network: Network,
  chance: Chance,
  { count, round }: { count: number; round: 0 | 1 },
): Asked[] {
  const all = draw(snapshot, chance, round).map((each) => ({ ...each, verdict: reach(network, each.probe) }));
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

/**
 * Random pairs: instances by private and public addresses, hosts of the internet at either end, and addresses of which nobody
 * has any.
 */
function draw(snapshot: Snapshot, chance: Chance, round: 0 | 1): Question[] {
  const running = new Set(runningInstances(snapshot));
  const ends = snapshot.interfaces.flatMap((row) =>
    row.addresses.map((address) => ({ id: row.id, instance: row.instance ?? "", ...address })),
  );
  const senders = ends.filter(({ instance }) => running.has(instance));
  const known = ends.flatMap((end) => (end.public ? [{ ...end, public: end.public }] : []));
  const questions: Question[] = [];
  for (let n = 0; n < drawn && senders.length > 0; n += 1) {
    const protocol = chance.pick(["icmp", "tcp", "udp"] as const);
    const low = n < 400 && chance.percent(10);
    const sourcePort = low
      ? firstLowPort + 400 * round + n
      : firstPort + (2 * n + round) * span + chance.below(span);
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
    const to = chance.percent(5) ? from : chance.pick(ends);
    const far = to.public && chance.percent(30) ? to.public : to.private;
    const destination = chance.percent(15) ? unowned(snapshot, chance) : far;
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

/**
 * A host of the internet; a public address of the lab that is vacant, most likely; one of a subnet: that of its router, of the
 * resolver that AWS has there, or one that may be nobody's.
 */
function unowned({ subnets }: Snapshot, chance: Chance): string {
  if (chance.percent(60)) return chance.pick(hosts);
  if (chance.percent(20)) return `203.0.113.${240 + chance.below(15)}`;
  const first = Number(cidr(chance.pick(subnets).cidrs[0]!).first);
  return addressOf(4, first + chance.pick([1, 2, 3, 9, 14])).text;
}
