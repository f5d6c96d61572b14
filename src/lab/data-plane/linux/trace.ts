import type { TracePoint } from "../sight.ts";
import { cards, internet, type Plan } from "./plan.ts";

/** Counts of one namespace, by device, way and ICMP type: `in g1 echo-request` to packets. */
type Counts = ReadonlyMap<string, number>;

/** A device that packets came in by. */
interface Place {
  namespace: string;
  device: string;
}

/** An end of a trace: a network interface, its number, and the address that echoes go from and to. */
export interface TraceEnd {
  id: string;
  n: number;
  address: string;
}

/** The transaction that begins to count echoes between two ends in one namespace: before and after everything else. */
export function traceTable(name: string, ends: readonly [TraceEnd, TraceEnd]): string {
  const both = `{ ${ends.map(({ address }) => address).join(", ")} }`;
  const chain = (way: "in" | "out", hook: string, priority: number) => `
  set ${way} {
    type ifname . icmp_type
    flags dynamic
    counter
    size 4096
  }
  chain count_${way} {
    type filter hook ${hook} priority ${priority};
    ip saddr ${both} ip daddr ${both} icmp type { echo-request, echo-reply } update @${way} { ${way === "in" ? "iifname" : "oifname"} . icmp type }
  }`;
  return `${noTrace(name)}table ip ${name} {${chain("in", "prerouting", -500)}${chain("out", "postrouting", 500)}\n}\n`;
}

/** The transaction that ends the counting, whether it was begun or not. */
export const noTrace = (name: string) => `table ip ${name}\ndelete table ip ${name}\n`;

/** Reads `nft list table`; undefined where it lists none. */
export function readCounts(listing: string): Counts | undefined {
  if (!listing.includes("table ip")) return undefined;
  const counts = new Map<string, number>();
  for (const part of listing.split(/^\tset /m).slice(1)) {
    const way = part.startsWith("in") ? "in" : "out";
    for (const [, device, type, packets] of part.matchAll(/"(\w+)" \. (echo-\w+) counter packets (\d+)/g)) {
      counts.set(`${way} ${device} ${type}`, Number(packets));
    }
  }
  return counts;
}

/**
 * Follows the echo requests from the card that they came out of, and the replies back, place by place, until no more of them
 * leave. `countsOf` gives what was counted in a namespace, `idOf` the network interface of a number.
 */
export function followTrace(
  plan: Plan,
  countsOf: (namespace: string) => Counts,
  ends: readonly [TraceEnd, TraceEnd],
  idOf: (n: number) => string,
): TracePoint[] {
  const legs = [
    ["request", "echo-request", ends[0].n],
    ["reply", "echo-reply", ends[1].n],
  ] as const;
  return legs.flatMap(([leg, type, start]) => {
    const points: TracePoint[] = [];
    const seen = new Set<string>();
    let place: Place | undefined = { namespace: cards, device: `g${start}` };
    while (place && !seen.has(`${place.namespace}/${place.device}`)) {
      seen.add(`${place.namespace}/${place.device}`);
      const passage = passageAt(place, countsOf(place.namespace), type);
      if (passage.in === 0) break;
      points.push({ leg, ...placeName(place, idOf), in: passage.in, out: passage.out });
      place = passage.exit === undefined ? undefined : across(plan, place.namespace, passage.exit);
    }
    return points;
  });
}

/** How many came in by the device, how many left, and by which; without `exit` none did. */
function passageAt({ namespace, device }: Place, here: Counts, type: string) {
  const exit = namespace === cards ? otherSide(device) : exitOf(here, type);
  const out = exit === undefined ? 0 : (here.get(`out ${exit} ${type}`) ?? 0);
  return { in: here.get(`in ${device} ${type}`) ?? 0, out, exit: out === 0 ? undefined : exit };
}

function placeName(
  { namespace, device }: Place,
  idOf: (n: number) => string,
): Pick<TracePoint, "kind" | "id"> {
  if (namespace === cards) return { kind: "security-group", id: idOf(Number(device.slice(1))) };
  return { kind: namespace === internet ? "internet" : "router", id: namespace };
}

/** A card has two sides only. */
function otherSide(device: string): string {
  return `${device.startsWith("g") ? "r" : "g"}${device.slice(1)}`;
}

function exitOf(counts: Counts, type: string): string | undefined {
  return [...counts].find(([key]) => key.startsWith("out ") && key.endsWith(` ${type}`))?.[0].split(" ")[1];
}

/** The other end of the wire, unless that is a guest: there the way ends. */
function across(plan: Plan, namespace: string, name: string): Place | undefined {
  for (const { ends } of plan.wires.values()) {
    const at = ends.findIndex((end) => end.namespace === namespace && end.name === name);
    const far = ends[1 - at];
    if (at === -1 || !far) continue;
    if (plan.namespaces.get(far.namespace)?.kind === "guest") return undefined;
    return { namespace: far.namespace, device: far.name };
  }
  return undefined;
}
