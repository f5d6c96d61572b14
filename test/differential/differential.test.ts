import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { probe as probeMachine } from "../../src/lab/data-plane/linux/probe.ts";
import { blockerPages } from "../../src/net/explain.ts";
import type { BlockerCode } from "../../src/net/types.ts";
import { compareNetworks } from "./networks.ts";

/** In the everyday run a few, for the fences; see scripts/differential.js for more. */
const runs = Number(process.env.PEERCTL_RUNS ?? 4);
const firstSeed = Number(process.env.PEERCTL_SEED ?? 1);

/**
 * Each reason has to stand alone once, or nobody knows whether both planes have it. Two never do in the lab: where a gateway or
 * a peering is not usable, routes to it are blackholes, or there are none.
 */
const reachable = (Object.keys(blockerPages) as BlockerCode[]).filter(
  (code) => code !== "no-internet-gateway" && code !== "peering-not-active",
);

const holder = await probeMachine();
const lacks = "lacks" in holder ? holder.lacks : undefined;
if (lacks) console.warn(`the two data planes are not compared here: ${lacks}`);

test.skipIf(lacks !== undefined && process.env.PEERCTL_REQUIRE_PEERS !== "1")(
  `net/ and the kernel agree about ${runs} random networks`,
  async () => {
    if ("lacks" in holder) throw new Error(holder.lacks);
    const { told, counts } = await compareNetworks({ holder, clock: systemClock, firstSeed, runs });
    console.log(`${runs} networks; ${counts.text()}`);
    expect(told.join("\n")).toBe("");
    expect(counts.open).toBeGreaterThan(runs);
    if (runs >= 50) expect(reachable.filter((code) => !counts.alone.includes(code))).toEqual([]);
  },
  60_000 + runs * 10_000,
);
