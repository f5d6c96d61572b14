import { type Asked, reasonsOf } from "./questions.ts";

/** What was asked so far: how many packets should arrive, and for which reasons the others should not. */
export interface Tally {
  add(questions: readonly Asked[]): void;
  readonly open: number;
  /** In a line or more; of each reason, how often it stood alone and how often with others. */
  text(): string;
}

export function tally(): Tally {
  let asked = 0;
  let open = 0;
  const reasons = new Map<string, { alone: number; among: number }>();
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
    get open() {
      return open;
    },
    text: () => {
      const share = Math.round((100 * open) / Math.max(asked, 1));
      const counts = [...reasons].sort().map(([code, { alone, among }]) => `${code} ${alone}+${among}`);
      return `${asked} probes, ${open} reachable (${share}%); not, for this reason alone + among others: ${counts.join(", ")}`;
    },
  };
}
