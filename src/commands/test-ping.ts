import type { Context } from "../context.ts";
import { exitCode, UserError } from "../errors.ts";
import { type PingPair, pingPairs } from "../ping-pairs.ts";
import { pingCommand } from "../ssh/ping.ts";
import { type PingReply, type PingSummary, pingReader } from "../ssh/ping-output.ts";
import { SshUnreachable } from "../ssh/wait.ts";
import { type Finding, titleOf } from "./diagnosis.ts";
import { openStack } from "./open-stack.ts";
import { diagnosePing, sceneOfStack } from "./ping-diagnosis.ts";
import { type TracePoint, traced, traceLines } from "./ping-trace.ts";
import type { Run } from "./run.ts";
import type { Scene } from "./scene.ts";
import { instanceOf, sessionOn } from "./ssh-access.ts";

export interface PingOptions {
  count: number;
  /** Seconds between two echo requests. */
  interval: number;
  /** Bytes of data in each. */
  size: number;
  /** Count the packets at each group and router on the way. */
  trace?: boolean;
}

interface PairResult {
  from: string;
  to: string;
  /** Absent where there was no way to ask: no SSH to the first instance. */
  summary?: PingSummary;
  replies: PingReply[];
  /** Where the packets were counted, if that was asked for. */
  trace?: TracePoint[];
  blockers: Finding[];
  /** What stops a ping that the other side would begin; empty where nothing does. Not needed for the replies. */
  reverseBlockers: Finding[];
}

/** Pings over every peering, for real, and says why where it fails. Resolves with the exit code. */
export async function testPing(run: Run, options: PingOptions): Promise<number> {
  const pairs = (ctx: Context) => {
    const wanted = pingPairs(ctx.topology);
    if (wanted.length > 0) return wanted;
    throw new UserError("there is no peering from a VPC that can be connected to", "see: peerctl status");
  };
  // What the person asked for is checked before anything is opened.
  pingCommand({
    address: "192.0.2.1",
    count: options.count,
    intervalSeconds: options.interval,
    size: options.size,
  });
  const ctx = await openStack(run, [], false);
  const results: PairResult[] = [];
  try {
    const scene = await sceneOfStack(ctx);
    for (const pair of pairs(ctx)) results.push(await pingPair(ctx, scene, pair, options));
  } finally {
    ctx.ui.idle();
    await ctx.store.close();
    ctx.aws.close();
  }
  const good = results.every(
    ({ summary }) => summary && summary.transmitted > 0 && summary.lossPercent === 0,
  );
  ctx.ui.result({ ok: good, pairs: results }, "");
  return good ? exitCode.done : exitCode.no;
}

async function pingPair(
  ctx: Context,
  scene: Scene,
  pair: PingPair,
  { count, interval, size, trace }: PingOptions,
): Promise<PairResult> {
  const { ui } = ctx;
  const [from, to] = await Promise.all([instanceOf(ctx, pair.from.name), instanceOf(ctx, pair.to.name)]);
  const tables = await diagnosePing(ctx, scene, { from, to });
  const address = to.PrivateIpAddress!;
  const result: PairResult = {
    from: pair.from.name,
    to: pair.to.name,
    replies: [],
    blockers: [],
    reverseBlockers: tables.reverse.findings,
  };
  const fail = (headline: string, blockers: Finding[]) => {
    result.blockers = blockers;
    ui.say(`${ui.paint.red("x")} ${pairTitle(pair)}: ${headline}`);
    sayWhy(ctx, blockers);
    return result;
  };

  const sshBlockers = tables.ssh.findings;
  if (!from.PublicIpAddress) {
    return fail(`no SSH to ${from.InstanceId}: it has no public address`, sshBlockers);
  }
  // The tables say that nothing will answer: one try, because packets have the last word.
  const timeoutMs = tables.ssh.verdict.reachable ? 180_000 : 8_000;
  const session = await sessionOn(ctx, from, timeoutMs).catch((error: unknown) => {
    if (error instanceof SshUnreachable) return error;
    throw error;
  });
  if (session instanceof SshUnreachable) {
    if (sshBlockers.length === 0) throw session;
    return fail(`no SSH to ${from.InstanceId}: ${session.message}`, sshBlockers);
  }

  try {
    ui.stream(
      `${pairTitle(pair)}: ${from.InstanceId} (${from.PrivateIpAddress}) pings ${to.InstanceId} (${address})`,
    );
    const reader = pingReader((line) => {
      ui.stream(line.kind === "reply" ? replyLine(line) : `  ${line.text}`);
    });
    ui.busy(`waiting for replies from ${address}`);
    const send = async () => {
      await session.run(pingCommand({ address, count, intervalSeconds: interval, size }), {
        onStdout: reader.stdout,
        onStderr: reader.stderr,
        signal: ctx.signal,
      });
    };
    if (trace) result.trace = await traced(ctx, [from, to], send);
    else await send();
    ui.idle();
    const { replies, summary } = reader.end();
    Object.assign(result, { replies, summary });
    ui.stream(`${pairTitle(pair)}: ${summaryLine(summary)}`);
    for (const line of traceLines(result.trace ?? [])) ui.stream(line);
  } finally {
    session.close();
  }
  if (result.summary?.lossPercent !== 0) {
    const blockers = tables.ping.findings;
    const why = blockers.length > 0 ? "no reply" : "packets were lost, and the tables of AWS do not say why";
    return fail(why, blockers);
  }
  sayReverse(ctx, pair, result.reverseBlockers);
  return result;
}

function sayWhy({ ui }: Context, blockers: readonly Finding[]): void {
  for (const finding of blockers) ui.say(`  why: ${titleOf(finding)}: ${finding.reason}`);
  const all = blockers.flatMap(({ remedies }) => remedies).sort((a, b) => a.stage - b.stage);
  for (const text of new Set(all.map(({ command, note }) => command ?? note ?? ""))) {
    ui.say(`  fix: ${ui.paint.bold(text)}`);
  }
}

function sayReverse({ ui }: Context, { from, to }: PingPair, blockers: readonly Finding[]): void {
  const back = `${to.name} -> ${from.name}`;
  const text =
    blockers.length === 0 ? "open as well" : `not open: ${titleOf(blockers[0]!)}: ${blockers[0]!.reason}`;
  ui.say(ui.paint.dim(`${back}: replies come back; a ping begun there is ${text}`));
}

function pairTitle({ from, to }: PingPair): string {
  return `${from.name} -> ${to.name}`;
}

function replyLine({ seq, ttl, timeMs }: PingReply): string {
  return `  reply ${seq}${timeMs === undefined ? "" : `  ${timeMs} ms`}${ttl === undefined ? "" : `  ttl ${ttl}`}`;
}

function summaryLine({ transmitted, received, lossPercent, minMs, avgMs, maxMs }: PingSummary): string {
  const times = minMs === undefined ? "" : `, min/avg/max ${minMs}/${avgMs}/${maxMs} ms`;
  return `${transmitted} sent, ${received} received, ${lossPercent}% loss${times}`;
}
