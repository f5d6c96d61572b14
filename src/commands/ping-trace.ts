import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { exchange } from "./exchange.ts";

/** One place on the way, as the lab counts: what came to it, and what it let go on. */
export interface TracePoint {
  leg: "request" | "reply";
  kind: "security-group" | "router" | "internet";
  id: string;
  in: number;
  out: number;
}

/** Runs `ping` while the lab counts its packets on the way between two private addresses. */
export async function traced(
  ctx: Pick<Context, "sshProxy" | "signal">,
  [a, b]: readonly [string, string],
  ping: () => Promise<void>,
): Promise<TracePoint[]> {
  const ask = async (path: string, query = ""): Promise<string> => {
    if (!ctx.sshProxy) throw new UserError("--trace works in the lab only", "use: --lab");
    const url = new URL(path, ctx.sshProxy);
    url.search = query;
    const { ok, text } = await exchange(url, { method: "POST", signal: ctx.signal });
    if (!ok) throw new UserError(text.trim(), "see: peerctl lab status");
    return text;
  };
  await ask("/_lab/trace/start", new URLSearchParams({ a, b }).toString());
  await ping();
  return (JSON.parse(await ask("/_lab/trace/stop")) as { points: TracePoint[] }).points;
}

const places = { "security-group": "groups of", router: "router of", internet: "the internet" } as const;

/** A line for each place; the one that drops says so. */
export function traceLines(points: readonly TracePoint[]): string[] {
  return points.map(({ leg, kind, id, in: came, out }) => {
    const lost = came - out;
    const end = lost > 0 ? `  <- ${lost} dropped here` : "";
    const place = kind === "internet" ? places[kind] : `${places[kind]} ${id}`;
    return `  ${leg.padEnd(7)}  ${place}: ${came} in, ${out} out${end}`;
  });
}
