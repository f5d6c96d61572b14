import type { Instance } from "@aws-sdk/client-ec2";
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

/** Runs `ping` while the lab counts its packets on the way between two network interfaces. */
export async function traced(
  ctx: Pick<Context, "sshProxy" | "signal">,
  [from, to]: readonly [Instance, Instance],
  ping: () => Promise<void>,
): Promise<TracePoint[]> {
  const ask = async <Answer>(path: string, query: Record<string, string>, signal?: AbortSignal) => {
    if (!ctx.sshProxy) throw new UserError("--trace works in the lab only", "use: --lab");
    const url = new URL(path, ctx.sshProxy);
    url.search = new URLSearchParams(query).toString();
    const { ok, text } = await exchange(url, { method: "POST", signal });
    if (!ok) throw new UserError(text.trim(), "see: peerctl lab status");
    return JSON.parse(text) as Answer;
  };
  const ends = { from: interfaceOf(from), to: interfaceOf(to) };
  const { trace } = await ask<{ trace: string }>("/_lab/trace/start", ends, ctx.signal);
  try {
    await ping();
  } catch (error) {
    // Nobody counts on, whatever became of the ping; that error is the one to tell.
    await ask("/_lab/trace/stop", { trace }, AbortSignal.timeout(2000)).catch(() => undefined);
    throw error;
  }
  return (await ask<{ points: TracePoint[] }>("/_lab/trace/stop", { trace }, ctx.signal)).points;
}

/** That of the instance's first private address. */
function interfaceOf({ NetworkInterfaces = [], PrivateIpAddress }: Instance): string {
  const first = NetworkInterfaces.find((each) => each.PrivateIpAddress === PrivateIpAddress);
  return first?.NetworkInterfaceId ?? "";
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
