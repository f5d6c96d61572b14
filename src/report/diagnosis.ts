import { Chalk, type ChalkInstance } from "chalk";
import type { Hop, Verdict } from "../net/types.ts";
import { explanations } from "./explain.ts";
import { drawPath } from "./path.ts";
import type { Remedy } from "./remedy/line.ts";
import { table } from "./table.ts";

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
  how: { explain: boolean; isPlain: boolean; packets?: Packets | undefined },
): string {
  const paint = new Chalk(how.isPlain ? { level: 0 } : {});
  const { probe, reachable } = verdict;
  const what = probe.protocol === "icmp" ? "ping" : `${probe.protocol} port ${probe.port}`;
  const answer = reachable ? paint.green("reachable") : paint.red("not reachable");
  const parts = [
    `${from.text} (${from.address}) -> ${to.text} (${to.address}), ${what}: ${answer}`,
    drawPath(verdict, { from: from.text, to: to.text }, paint),
    hopTable(hops, paint),
    how.explain ? lessons(hops) : "",
    findings
      .map(({ id, name, reason, page }) => {
        const whose = name ? `${id} (${name})` : id;
        return `${paint.red("✗")} ${whose}: ${reason}${how.explain ? `\n  ${page}` : ""}`;
      })
      .join("\n"),
    remedyText(remedies, paint),
    notices
      .map(({ text, command, page }) => `note: ${text}\n  ${command}${how.explain ? `\n  ${page}` : ""}`)
      .join("\n"),
    how.packets ? packetText(how.packets, reachable, paint) : "",
  ];
  return parts.filter(Boolean).join("\n\n");
}

function hopTable(hops: readonly NamedHop[], paint: ChalkInstance): string {
  const rows = hops.map(({ leg, id, name, direction, rule, reason, pass }) => [
    pass ? "✓" : "✗",
    leg === "forward" ? "there" : "back",
    name ? `${id} (${name})` : id,
    direction === "egress" ? "out" : direction === "ingress" ? "in" : "",
    rule ? `[${rule}] ${reason}` : reason,
  ]);
  return table(rows)
    .split("\n")
    .map((line, n) => (hops[n]?.pass ? line : paint.red(line)))
    .join("\n");
}

function lessons(hops: readonly Hop[]): string {
  return [...new Set(hops.map(({ kind }) => kind))]
    .map((kind) => `${kind}: ${explanations[kind].text}\n  ${explanations[kind].page}`)
    .join("\n");
}

/** Commands on lines of their own, so that they can be copied; in the order to run them in. */
function remedyText(remedies: readonly Remedy[], paint: ChalkInstance): string {
  return remedies
    .map(({ command, note }) => {
      if (!command) return `to do: ${note}`;
      return `fix: ${paint.bold(command)}${note ? `\n  ${note}` : ""}`;
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
export function matrixText(pairs: readonly Pair[], isPlain: boolean): string {
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
    if (reachable) return `${from} -> ${to} is open, though nothing of the stack opens it`;
    const why = blockers.map(({ id, name, reason }) => `  ${name ? `${id} (${name})` : id}: ${reason}`);
    return [`${from} -> ${to}:`, ...why, remedyText(remedies, paint).replace(/^/gm, "  ")].join("\n");
  });
  return [table(rows), ...details].join("\n\n");
}
