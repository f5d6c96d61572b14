import { liveStack } from "../aws/live.ts";
import { exitCode, UserError } from "../errors.ts";
import { table } from "../report/table.ts";
import { plural } from "../report/words.ts";
import { emptyState, openState } from "../state/open.ts";
import { readState } from "../state/read.ts";
import type { ResourceRecord, State } from "../state/schema.ts";
import { steps } from "../steps/index.ts";
import { key } from "../steps/keys.ts";
import { applySteps } from "../steps/runner.ts";
import type { Topology } from "../topology.ts";
import { type Access, accessFor } from "./access.ts";
import { account } from "./account.ts";
import { lockWait } from "./lock-wait.ts";
import { namedWords, stackNamed } from "./named-stack.ts";
import { lookAtState } from "./open-stack.ts";
import { liveSshCidr, liveTopology } from "./recovered.ts";
import type { Run } from "./run.ts";

/**
 * Rebuilds the state file of a stack that still stands, from its tags and from the tables of AWS. Changes nothing there,
 * and never replaces a file.
 * @param asked the stack's uuid, where more than one has the name
 */
export async function recover(run: Run, asked: string | undefined): Promise<number> {
  const { config, clock, signal, ui } = run;
  await assertNoFile(config.state);
  const access = await accessFor(run);
  const { aws, region, endpoint } = access;
  try {
    const settled = clock.now() + access.consistencyMs;
    const binding = { account: await account(aws), region, endpoint };
    const uuid = await stackNamed(run, access, asked, settled);
    if (uuid === undefined) throw noStack(config.name, asked);
    const topology = await liveTopology(liveStack(aws, uuid), config);
    const begun = emptyState(binding, { name: config.name, uuid, topology });
    const resources = await standing(run, access, begun);
    const store = await openState({
      path: config.state,
      expect: binding,
      // All in the first write: a file that knew of the stack but not of its parts would have them made again.
      create: {
        name: config.name,
        uuid,
        topology,
        resources,
        generations: unusedGenerations(topology, clock.now()),
      },
      clock,
      signal,
      wait: lockWait(run),
      command: run.command,
    });
    await store.close();
    if (!store.isNew) throw fileThere(config.state);
    const rows = Object.entries(resources).map(([key, { id }]) => [key, id]);
    ui.say(`wrote ${config.state}: ${plural(rows.length, "thing")} found; go on with: peerctl status`);
    ui.result({ stack: begun.stack, ...binding, state: config.state, topology, resources }, table(rows));
    return exitCode.done;
  } finally {
    aws.close();
  }
}

async function assertNoFile(path: string): Promise<void> {
  // A damaged one is an error of its own, and says what to do.
  if ((await readState(path)) !== undefined) throw fileThere(path);
}

function fileThere(path: string): UserError {
  return new UserError(
    `the state file ${path} is there, and whole`,
    "compare it with AWS: peerctl status; or name another file with --state FILE",
  );
}

function noStack(name: string, asked: string | undefined): UserError {
  return new UserError(
    `there is no ${namedWords(name, asked)} in this account and Region`,
    "name it as it was made: --name NAME, --region REGION, --profile PROFILE",
  );
}

/** What stands of the stack, by key: found by the same looking that `status` does. */
async function standing(run: Run, access: Access, begun: State): Promise<State["resources"]> {
  const found: State["resources"] = {};
  const there = new Set<string>();
  const ui = {
    ...run.ui,
    event: ({ what, key }: { what: string; key: string }) => {
      if (what === "unrecorded" || what === "kept") there.add(key);
    },
  };
  const seeded = { ...begun, resources: await sshRecords(run, access, begun) };
  const ctx = lookAtState({ ...run, ui }, access, seeded, steps);
  const madeAt = new Date(run.clock.now()).toISOString();
  const provide = (key: string, record: ResourceRecord) => {
    if (there.has(key)) found[key] = { ...record, madeAt };
    ctx.board.provide(key, record);
  };
  await applySteps({ ...ctx, board: { ...ctx.board, provide } }, steps);
  return found;
}

/** The port 22 rule may be for an address that its maker has left since: it is looked for as it stands. */
async function sshRecords(run: Run, { aws }: Access, begun: State): Promise<State["resources"]> {
  const live = liveStack(aws, begun.stack.uuid);
  const records: State["resources"] = {};
  for (const { name } of begun.topology.vpcs.filter(({ connects }) => connects)) {
    const group = await live.find("security-group", key.securityGroup(name));
    const cidr = group && liveSshCidr(group);
    if (!cidr) continue;
    const madeAt = new Date(run.clock.now()).toISOString();
    records[key.sshRule(name)] = {
      id: group.GroupId!,
      type: "ssh-rule",
      step: "launch",
      madeAt,
      attributes: { cidr },
    };
  }
  return records;
}

/**
 * How often the lost file's runs made each key is not known, so counting goes on at a number that none has come to:
 * seconds since the epoch. A ClientToken of theirs is then never used again.
 */
function unusedGenerations({ vpcs }: Topology, now: number): State["generations"] {
  const keys = vpcs.flatMap(({ name }) => [key.routeTable(name), key.instance(name)]);
  return Object.fromEntries(keys.map((each) => [each, Math.floor(now / 1000)]));
}
