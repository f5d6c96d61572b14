import { exitCode } from "../errors.ts";
import { table } from "../report/table.ts";
import type { Ui } from "../report/ui.ts";
import { plural } from "../report/words.ts";

/** One thing that a teardown would remove; a part of something, such as a route, has no id of its own. */
export interface Going {
  key: string;
  id?: string;
}

/** A line for each, with its id. */
export function goingText(going: readonly Going[]): string {
  return table(going.map(({ key, id }) => [`- ${key}`, id ?? ""]));
}

/** A dry run's result; returns the exit code. */
export function reportGoing(ui: Ui, wouldRemove: readonly Going[]): number {
  const summary = `would remove ${plural(wouldRemove.length, "thing")}, and what is part of them`;
  ui.result({ wouldRemove }, [goingText(wouldRemove), summary].filter(Boolean).join("\n"));
  return exitCode.done;
}
