import { Chalk, type ChalkInstance } from "chalk";
import type { Hop, Verdict } from "../net/types.ts";
import { explanations } from "./explain.ts";
import { drawPath } from "./path.ts";
import type { Remedy } from "./remedy/line.ts";
import { type Width, wrapCommand, wrapRows, wrapWords } from "./wrap.ts";

type NamedHop = Hop & { name?: string };

interface Found {
  from: { text: string; address: string };
  to: { text: string; address: string };
  verdict: Verdict;
  hops: readonly NamedHop[];
  findings: readonly { id: string; name?: string; reason: string; page: string; leg: Hop["leg"] }[];
  remedies: readonly Remedy[];
  notices: readonly { text: string; command: string; page: string }[];
}

interface Packets {
  probe: string;
  arrived: boolean;
  detail: string;
  agrees: boolean;
}

/** The whole answer for a person: the path drawn, each hop, what is in the way, and what to run. */
export function diagnosisText(
  { from, to, verdict, hops, findings, remedies, notices }: Found,
  how: { explain: boolean; isPlain: boolean; width?: Width; packets?: Packets | undefined },
): string {
  const paint = new Chalk(how.isPlain ? { level: 0 } : {});
  const { width } = how;
  const { probe, reachable } = verdict;
  const what = probe.protocol === "icmp" ? "ping" : `${probe.protocol} port ${probe.port}`;
  const answer = reachable ? paint.green("reachable") : paint.red("not reachable");
  const parts = [
    wrapWords(`${from.text} (${from.address}) -> ${to.text} (${to.address}), ${what}: ${answer}`, width, 2),
    drawPath(verdict, { from: from.text, to: to.text }, paint, width),
    hopTable(hops, paint, width),
    how.explain ? lessons(hops, width) : "",
    findings
      .map(({ id, name, reason, page }) => {
        const whose = name ? `${id} (${name})` : id;
        const line = wrapWords(`${paint.red("✗")} ${whose}: ${reason}`, width, 2);
        return `${line}${how.explain ? `\n  ${page}` : ""}`;
      })
      .join("\n"),
    remedyText(remedies, paint, width),
    notices
      .map(({ text, command, page }) => {
        const note = wrapWords(`note: ${text}`, width, 6);
        return `${note}\n${wrapCommand(`  ${command}`, width, 4)}${how.explain ? `\n  ${page}` : ""}`;
      })
      .join("\n"),
    how.packets ? wrapWords(packetText(how.packets, reachable, paint), width, 2) : "",
  ];
  return parts.filter(Boolean).join("\n\n");
}

function hopTable(hops: readonly NamedHop[], paint: ChalkInstance, width: Width): string {
  const rows = hops.map(({ leg, id, name, direction, rule, reason, pass }) => [
    pass ? "✓" : "✗",
    leg === "forward" ? "there" : "back",
    name ? `${id} (${name})` : id,
    direction === "egress" ? "out" : direction === "ingress" ? "in" : "",
    rule ? `[${rule}] ${reason}` : reason,
  ]);
  return wrapRows(rows, width)
    .map((row, n) => (hops[n]?.pass ? row : paint.red(row)))
    .join("\n");
}

function lessons(hops: readonly Hop[], width: Width): string {
  return [...new Set(hops.map(({ kind }) => kind))]
    .map((kind) => {
      const { text, page } = explanations[kind];
      return `${wrapWords(`${kind}: ${text}`, width, 2)}\n  ${page}`;
    })
    .join("\n");
}

/** Commands on lines of their own, so that they can be copied; in the order to run them in. */
function remedyText(remedies: readonly Remedy[], paint: ChalkInstance, width: Width): string {
  return remedies
    .map(({ command, note }) => {
      if (!command) return wrapWords(`to do: ${note}`, width, 7);
      const [first = "", ...more] = wrapCommand(`fix: ${command}`, width, 7).split("\n");
      const lines = [
        `fix: ${paint.bold(first.slice("fix: ".length))}`,
        ...more.map((line) => paint.bold(line)),
      ];
      return [...lines, ...(note ? [wrapWords(`  ${note}`, width, 2)] : [])].join("\n");
    })
    .join("\n");
}

function packetText(
  { probe, arrived, detail, agrees }: Packets,
  reachable: boolean,
  paint: ChalkInstance,
): string {
  const line = `${probe}: ${arrived ? "arrived" : "lost"} (${detail})`;
  if (agrees) return `${line}; the tables say the same`;
  const guess = reachable
    ? "the tables say it is open: look at the firewall and routes inside the instances, and whether they have booted"
    : "the tables say it is closed: they may have changed just now, or this is a fault of peerctl's; a saved snapshot (--save) shows it";
  return `${line}; ${paint.yellow("packets and tables disagree")}: ${guess}`;
}

interface Pair {
  from: string;
  to: string;
  expected: boolean | undefined;
  expectedBecause: string;
  reachable: boolean;
  blockers: readonly { id: string; name?: string; reason: string }[];
  remedies: readonly Remedy[];
}

/** A line for each pair, and under the table what to do about those that are not as expected. */
export function matrixText(pairs: readonly Pair[], isPlain: boolean, width?: Width): string {
  const paint = new Chalk(isPlain ? { level: 0 } : {});
  const yes = (value: boolean) => (value ? "yes" : "no");
  const rows = pairs.map(({ from, to, expected, expectedBecause, reachable }) => [
    expected === undefined || expected === reachable ? "✓" : "✗",
    `${from} -> ${to}`,
    yes(reachable),
    expected === undefined ? "" : `expected ${yes(expected)} (${expectedBecause})`,
  ]);
  const odd = pairs.filter(({ expected, reachable }) => reachable !== (expected ?? true));
  const details = odd.map(({ from, to, reachable, blockers, remedies }) => {
    if (reachable)
      return wrapWords(`${from} -> ${to} is open, though nothing of the stack opens it`, width, 2);
    const why = blockers.map(({ id, name, reason }) =>
      wrapWords(`  ${name ? `${id} (${name})` : id}: ${reason}`, width, 4),
    );
    const fix = remedyText(remedies, paint, width && width - 2).replace(/^/gm, "  ");
    return [`${from} -> ${to}:`, ...why, fix].join("\n");
  });
  return [wrapRows(rows, width).join("\n"), ...details].join("\n\n");
}
