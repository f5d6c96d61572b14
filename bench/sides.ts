import { type Row, row, seconds, told } from "./row.ts";

export interface Part {
  ms: number;
  calls: number;
}

/** One tool made the topology, looked at it again and removed it. */
export interface Side {
  make: Part;
  again: Part;
  remove: Part;
}

/** Times are the means of the rounds; the counts are all of them, where they differ. */
export function compare(
  where: string,
  { peerctl, Terraform }: Record<"peerctl" | "Terraform", readonly Side[]>,
  isGoal: boolean,
): Row {
  const ratio = makeAndRemoveMs(peerctl) / makeAndRemoveMs(Terraform);
  const measured = `${ratio.toFixed(3)}: up / up again / down ${text(peerctl)}, Terraform ${text(Terraform)}`;
  const what = `up and down against Terraform's, ${where}`;
  return isGoal ? row(what, ratio, { most: 0.1 }, { goal: "<= 0.1", measured }) : told(what, measured);
}

function makeAndRemoveMs(sides: readonly Side[]): number {
  return sides.reduce((sum, { make, remove }) => sum + make.ms + remove.ms, 0);
}

function text(sides: readonly Side[]): string {
  const parts = [
    sides.map(({ make }) => make),
    sides.map(({ again }) => again),
    sides.map(({ remove }) => remove),
  ];
  return parts
    .map((runs) => {
      const mean = runs.reduce((sum, { ms }) => sum + ms, 0) / runs.length;
      return `${seconds(mean)} (${[...new Set(runs.map(({ calls }) => calls))].join(", ")})`;
    })
    .join(" / ");
}
