/** How far an echo goes. `regions` in either order. */
export type Distance =
  | { kind: "loopback" | "zone" | "region" | "internet" }
  | { kind: "regions"; between: readonly [string, string] };

/** Base and spread in microseconds: about what ping shows between small instances. */
const times = {
  loopback: { base: 21, spread: 18 },
  zone: { base: 260, spread: 330 },
  region: { base: 620, spread: 460 },
  internet: { base: 11_500, spread: 2_600 },
} as const;

/** The first packet of a flow is slower: ARP, and the flow's set-up in the hosts below. */
const firstExtra = { base: 120, spread: 260 };

/**
 * A plausible round-trip time in microseconds. `random(n)` gives a whole number below n. Between Regions each pair has its
 * own base, from 12 ms to 230 ms, made from the names, so that it stays.
 */
export function roundTrip(distance: Distance, first: boolean, random: (below: number) => number): number {
  const { base, spread } =
    distance.kind === "regions"
      ? { base: betweenRegions(distance.between), spread: 900 }
      : times[distance.kind];
  const extra = first && distance.kind !== "loopback" ? firstExtra.base + random(firstExtra.spread) : 0;
  return base + random(spread) + extra;
}

function betweenRegions(pair: readonly [string, string]): number {
  let mixed = 2166136261;
  for (const character of [...pair].sort().join()) {
    mixed = Math.imul(mixed ^ character.charCodeAt(0), 16777619) >>> 0;
  }
  return 12_000 + (mixed % 218_000);
}
