import { liveKinds } from "../aws/live.ts";
import { leftovers, standingStacks } from "../aws/sweep.ts";
import { peerctlWords } from "../config/command-words.ts";
import { exitCode } from "../errors.ts";
import { table } from "../report/table.ts";
import type { ResourceEvent } from "../report/ui.ts";
import { withFlags } from "../report/words.ts";
import { readState } from "../state/read.ts";
import { steps } from "../steps/index.ts";
import { applySteps } from "../steps/runner.ts";
import { accessFor } from "./access.ts";
import { account } from "./account.ts";
import { lookAtStack } from "./open-stack.ts";
import type { Run } from "./run.ts";

type Standing = "live" | "missing" | "unrecorded" | "not made";

const standings: Partial<Record<ResourceEvent["what"], Standing>> = {
  kept: "live",
  missing: "missing",
  unrecorded: "unrecorded",
  absent: "not made",
};

/** How each resource stands: in the state file, on AWS, or both. Exit code 2 where the two differ. */
export async function status(run: Run): Promise<number> {
  if (!(await readState(run.config.state))) return statusByName(run);
  const events: ResourceEvent[] = [];
  const ctx = await lookAtStack({ ...run, ui: { ...run.ui, event: (event) => events.push(event) } }, steps);
  try {
    await applySteps(ctx, steps);
    const known = new Set(events.map(({ id }) => id));
    const strays: ResourceEvent[] = [];
    for (const kind of liveKinds) {
      for (const row of await ctx.live.all(kind)) {
        if (!known.has(row.id)) strays.push({ what: "unrecorded", key: row.key ?? kind, id: row.id });
      }
    }
    const rows = [...events, ...strays].map(({ what, key, id, detail }) => ({
      key,
      id: id ?? "",
      standing: standings[what]!,
      detail: what === "absent" ? "" : (detail ?? ""),
    }));
    rows.sort((a, b) => (a.key < b.key ? -1 : 1));
    const differs = rows.some(({ standing }) => standing === "missing" || standing === "unrecorded");
    const { stack, account, region, endpoint } = ctx.store.state;
    run.ui.result(
      { stack, account, region, endpoint, inStep: !differs, resources: rows },
      table(rows.map(({ key, id, standing, detail }) => [key, id, standing, detail])),
    );
    const absent = rows.filter(({ standing }) => standing === "not made").length;
    const agree = `the state file and AWS agree (stack "${stack.name}", account ${account}, ${region})`;
    const rest = absent > 0 ? `; ${absent} not made yet: peerctl up` : "";
    const differ =
      "the state file and AWS differ: peerctl up makes what is missing, peerctl down removes what is unrecorded";
    run.ui.say(withFlags(differs ? differ : agree + rest, peerctlWords(run.config)));
    return differs ? exitCode.no : exitCode.done;
  } finally {
    ctx.aws.close();
  }
}

/** Without a state file: what stands on AWS under the stack's name. */
async function statusByName(run: Run): Promise<number> {
  const { aws, region, endpoint } = await accessFor(run);
  try {
    const place = { account: await account(aws), region, endpoint };
    const uuids = await standingStacks(aws, run.config.name);
    const found = (await Promise.all(uuids.map((uuid) => leftovers(aws, uuid)))).flat();
    const resources = found.map(({ id, key, resourceType }) => ({
      key: key ?? resourceType,
      id,
      standing: "unrecorded",
    }));
    const none = `there is no stack "${run.config.name}" here; make it: peerctl up`;
    const text = table(resources.map(({ key, id, standing }) => [key, id, standing]));
    run.ui.result(
      { stack: { name: run.config.name }, ...place, inStep: resources.length === 0, resources },
      text || withFlags(none, peerctlWords(run.config)),
    );
    if (resources.length > 0) {
      const remedy = `there is no state file: peerctl recover brings it back, peerctl down --name ${run.config.name} removes all of this`;
      run.ui.say(withFlags(remedy, peerctlWords(run.config)));
    }
    return resources.length === 0 ? exitCode.done : exitCode.no;
  } finally {
    aws.close();
  }
}
