import { leftovers, standingStacks } from "../aws/sweep.ts";
import { peerctlWords } from "../config/command-words.ts";
import { exitCode } from "../errors.ts";
import { table } from "../report/table.ts";
import { withFlags } from "../report/words.ts";
import { accessFor } from "./access.ts";
import { account } from "./account.ts";
import type { Run } from "./run.ts";

/** Without a state file: what stands on AWS under the stack's name. */
export async function statusByName(run: Run): Promise<number> {
  const { name } = run.config;
  const { aws, region, endpoint } = await accessFor(run);
  try {
    const place = { account: await account(aws), region, endpoint };
    const uuids = await standingStacks(aws, name);
    const found = (await Promise.all(uuids.map((uuid) => leftovers(aws, uuid)))).flat();
    const resources = found.map(({ id, key, resourceType }) => ({
      key: key ?? resourceType,
      id,
      standing: "unrecorded",
    }));
    const none = `there is no stack "${name}" here; make it: peerctl up`;
    const text = table(resources.map(({ key, id, standing }) => [key, id, standing]));
    run.ui.result(
      { stack: { name }, ...place, inStep: resources.length === 0, resources },
      text || withFlags(none, peerctlWords(run.config)),
    );
    if (resources.length > 0) {
      const named = run.config.given.name?.kind === "flag" ? "" : ` --name ${name}`;
      const remedy = `there is no state file: peerctl recover${named} brings it back, peerctl down${named} removes all of this`;
      run.ui.say(withFlags(remedy, peerctlWords(run.config)));
    }
    return resources.length === 0 ? exitCode.done : exitCode.no;
  } finally {
    aws.close();
  }
}
