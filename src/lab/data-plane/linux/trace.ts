import type { TracePoint } from "../sight.ts";
import { cards, internet, type Plan } from "./plan.ts";

/** Counts of one namespace, by device, way and ICMP type: `in g1 echo-request` to packets. */
type Counts = ReadonlyMap<string, number>;

/** A device that packets came in by. */
interface Place {
  namespace: string;
  device: string;
}

/** The transaction that begins to count echoes between two addresses in one namespace: before and after everything else. */
export function traceTable(a: string, b: string): string {
  const chain = (name: "in" | "out", hook: string, priority: number) => `
  set ${name} {
    type ifname . icmp_type
    flags dynamic
    counter
    size 4096
  }
  chain count_${name} {
    type filter hook ${hook} priority ${priority};
    ip saddr { ${a}, ${b} } ip daddr { ${a}, ${b} } icmp type { echo-request, echo-reply } update @${name} { ${name === "in" ? "iifname" : "oifname"} . icmp type }
  }`;
  return `${noTrace}table ip peerctl_trace {${chain("in", "prerouting", -500)}${chain("out", "postrouting", 500)}\n}\n`;
}

export const noTrace = "table ip peerctl_trace\ndelete table ip peerctl_trace\n";

/** Reads `nft list table`. */
export function readCounts(listing: string): Counts {
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
 * leave. `cardOf` gives the number of each end's card.
 */
export function followTrace(
  plan: Plan,
  counts: ReadonlyMap<string, Counts>,
  ends: readonly [number, number],
  idOf: (n: number) => string,
): TracePoint[] {
  const legs = [
    ["request", "echo-request", ends[0]],
    ["reply", "echo-reply", ends[1]],
  ] as const;
  return legs.flatMap(([leg, type, start]) => {
    const points: TracePoint[] = [];
    const seen = new Set<string>();
    let place: Place | undefined = { namespace: cards, device: `g${start}` };
    while (place && !seen.has(`${place.namespace}/${place.device}`)) {
      seen.add(`${place.namespace}/${place.device}`);
      const passage = passageAt(place, counts.get(place.namespace) ?? new Map(), type);
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
