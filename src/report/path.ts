import type { ChalkInstance } from "chalk";
import type { Hop, Verdict } from "../net/types.ts";
import { type Width, wrapWords } from "./wrap.ts";

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
  width: Width,
): string {
  const leg = (name: Hop["leg"], start: string, end: string) => {
    const passed = hops.filter((hop) => hop.leg === name && isStation(hop));
    if (passed.length === 0) return undefined;
    // A no-break space keeps a line and the station that it leads to together.
    const stations = passed.map(({ kind, pass }) =>
      pass ? `──\u00a0${short[kind]}` : `─${paint.red("✗")}─\u00a0${paint.red(short[kind])}`,
    );
    const way = [start, ...stations, `──\u00a0${end}`].join(" ");
    const there = name === "forward" ? "there" : "back ";
    const line = wrapWords(`${there}\u00a0\u00a0${way}`, width, there.length + 2);
    return line.replaceAll("\u00a0", " ");
  };
  return [leg("forward", from, to), leg("return", to, from)].filter(Boolean).join("\n");
}

/** An end's own interface and a running instance are the ends of the line, which have their names there. */
function isStation({ kind, pass }: Hop): boolean {
  return !pass || (kind !== "interface" && kind !== "instance");
}
