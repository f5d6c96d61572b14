import type { ChalkInstance } from "chalk";
import type { Hop, Verdict } from "../net/types.ts";

const short: Record<Hop["kind"], string> = {
  instance: "instance",
  interface: "eni",
  "security-group": "sg",
  "network-acl": "acl",
  "route-table": "rtb",
  "internet-gateway": "igw",
  peering: "pcx",
  vpc: "vpc",
};

/**
 * The way there and the way back, a line each, with a cross where a packet is dropped:
 * `there  vpc-1 -- sg -- acl -- rtb -- pcx -- acl -x- sg -- vpc-2`. The way back is only there where the packet arrives or
 * would, so that both have something to say.
 */
export function drawPath(
  { hops }: Verdict,
  { from, to }: { from: string; to: string },
  paint: ChalkInstance,
): string {
  const leg = (name: Hop["leg"], start: string, end: string) => {
    const passed = hops.filter((hop) => hop.leg === name && isStation(hop));
    if (passed.length === 0) return undefined;
    const stations = passed.map(({ kind, pass }) =>
      pass ? ` ── ${short[kind]}` : ` ─${paint.red("✗")}─ ${paint.red(short[kind])}`,
    );
    return `${name === "forward" ? "there" : "back "}  ${start}${stations.join("")} ── ${end}`;
  };
  return [leg("forward", from, to), leg("return", to, from)].filter(Boolean).join("\n");
}

/** An end's own interface and a running instance are the ends of the line, which have their names there. */
function isStation({ kind, pass }: Hop): boolean {
  return !pass || (kind !== "interface" && kind !== "instance");
}
