/** One line of the table. Everything is a ratio or a count where it can be, so that it holds on any machine. */
export interface Row {
  what: string;
  /** As text, e.g. `<= 1.35 x node -e 0`. */
  goal: string;
  measured: string;
  /** `-` where there is no goal, or no way to measure it here. */
  verdict: "ok" | "missed" | "-";
}

/** A row whose goal is a most (or, with `least`, a least) of one number. */
export function row(
  what: string,
  value: number,
  goal: { most: number } | { least: number },
  words: { goal: string; measured: string },
): Row {
  const met = "most" in goal ? value <= goal.most : value >= goal.least;
  return { what, ...words, verdict: met ? "ok" : "missed" };
}

export function told(what: string, measured: string): Row {
  return { what, goal: "", measured, verdict: "-" };
}

/** The rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ["What", "Goal", "Measured", "Verdict"],
    ...rows.map(({ what, goal, measured, verdict }) => [what, goal, measured, verdict]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => line[column]!.length)));
  const lines = cells.map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`);
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
export const times = (ratio: number): string => `${ratio.toFixed(2)} x`;
