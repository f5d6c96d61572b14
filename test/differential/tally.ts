import type { BlockerCode } from "../../src/net/types.ts";
import { type Asked, reasonsOf } from "./questions.ts";

/** What was asked so far: how many packets should arrive, and for which reasons the others should not. */
export interface Tally {
  add(questions: readonly Asked[]): void;
  /** Changes that were made to networks, by their names. */
  change(names: readonly string[]): void;
  readonly open: number;
  /** The reasons that stood alone, at least once. */
  readonly alone: readonly BlockerCode[];
  /** In a line or more; of each reason, how often it stood alone and how often with others. */
  text(): string;
}

export function tally(): Tally {
  let asked = 0;
  let open = 0;
  const reasons = new Map<BlockerCode, { alone: number; among: number }>();
  const changes = new Map<string, number>();
  return {
    add: (questions) => {
      asked += questions.length;
      for (const { verdict } of questions) {
        if (verdict.reachable) open += 1;
        const codes = reasonsOf(verdict);
        for (const code of codes) {
          const count = reasons.get(code) ?? { alone: 0, among: 0 };
          count[codes.length === 1 ? "alone" : "among"] += 1;
          reasons.set(code, count);
        }
      }
    },
    change: (names) => {
      for (const name of names) changes.set(name, (changes.get(name) ?? 0) + 1);
    },
    get open() {
      return open;
    },
    get alone() {
      return [...reasons].filter(([, { alone }]) => alone > 0).map(([code]) => code);
    },
    text: () => {
      const share = Math.round((100 * open) / Math.max(asked, 1));
      const counts = [...reasons].sort().map(([code, { alone, among }]) => `${code} ${alone}+${among}`);
      const made = [...changes].sort().map(([name, count]) => `${name} ${count}`);
      return [
        `${asked} probes, ${open} reachable (${share}%); not, for this reason alone + among others: ${counts.join(", ")}`,
        ...(made.length > 0 ? [`changes: ${made.join(", ")}`] : []),
      ].join("; ");
    },
  };
}
