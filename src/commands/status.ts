import { peerctlWords } from "../config/command-words.ts";
import { exitCode } from "../errors.ts";
import { table } from "../report/table.ts";
import { withFlags } from "../report/words.ts";
import { readState } from "../state/read.ts";
import type { Run } from "./run.ts";
import { byKey, differs, type StatusRow, standingNow } from "./stack-status.ts";
import { statusByName } from "./status-by-name.ts";

/**
 * How each resource stands: in the state file, on AWS, or both; and what others have put beside them. Exit code 2 where
 * anything is not as peerctl made it.
 */
export async function status(run: Run): Promise<number> {
  const state = await readState(run.config.state);
  if (!state) return statusByName(run);
  const rows = await standingNow(run, state);
  rows.sort(byKey);
  const { stack, account, region, endpoint } = state;
  run.ui.result(
    { stack, account, region, endpoint, inStep: !rows.some(differs), resources: rows },
    table(rows.map(({ key, id, standing, detail }) => [key, id, standing, detail])),
  );
  const where = `(stack "${stack.name}", account ${account}, ${region})`;
  run.ui.say(withFlags(summary(rows, where), peerctlWords(run.config)));
  return rows.some(differs) ? exitCode.no : exitCode.done;
}

function summary(rows: readonly StatusRow[], where: string): string {
  const has = (...standings: StatusRow["standing"][]) =>
    rows.some(({ standing }) => standings.includes(standing));
  const next = [
    has("missing") ? "peerctl up makes what is missing" : "",
    has("stopped") ? "peerctl up starts what is stopped" : "",
    has("unrecorded") ? "peerctl up records what is unrecorded, peerctl down removes it" : "",
    has("changed") ? "peerctl doctor says whether what is changed matters" : "",
    has("not ours") ? "what is not ours stays, and may be in the way of peerctl down" : "",
  ].filter(Boolean);
  if (has("missing", "unrecorded")) return `the state file and AWS differ: ${next.join(", ")}`;
  if (next.length > 0) return `others changed the stack ${where}: ${next.join(", ")}`;
  const absent = rows.filter(({ standing }) => standing === "not made").length;
  return `the state file and AWS agree ${where}${absent > 0 ? `; ${absent} not made yet: peerctl up` : ""}`;
}
