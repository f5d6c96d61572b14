import type { Aws } from "../aws/aws.ts";
import { type Reading, readVpcs } from "../aws/snapshot.ts";
import { type EndFilter, vpcsOf } from "../aws/whereabouts.ts";
import { awsWords, peerctlWords } from "../config/command-words.ts";
import { UserError } from "../errors.ts";
import { mergeSnapshots } from "../net/merge-snapshots.ts";
import { assertBelongs } from "../state/open.ts";
import { readState } from "../state/read.ts";
import type { State } from "../state/schema.ts";
import { accessFor } from "./access.ts";
import { account } from "./account.ts";
import { callerAddress } from "./caller-address.ts";
import { readEnd } from "./ends.ts";
import type { Run } from "./run.ts";
import { type Scene, sceneOf } from "./scene.ts";
import { loadSnapshot } from "./snapshot-file.ts";

/** What to look at: the ends of a question; or, where there are none, the whole stack. */
export type Ends = readonly string[];

/** A scene, and what it took to get it. `aws` is absent where nothing was asked of AWS. */
export interface Look {
  scene: Scene;
  aws?: Aws;
  close(): void;
}

/** The tables as they are on AWS now, of the VPCs that the ends are in. Only reads; no lock, and no state file needed. */
export async function lookAtAws(run: Run, ends: Ends): Promise<Look> {
  const { config, signal } = run;
  const known = await readState(config.state);
  const access = await accessFor(run);
  const { aws, region, endpoint } = access;
  const needsStack = ends.length === 0 || ends.some((text) => readEnd(text).kind === "name");
  if (known && needsStack) assertBelongs(known, { region, endpoint }, config.state);
  const stack = known?.region === region && known.endpoint === endpoint ? known : undefined;
  try {
    const vpcs = await vpcsFor(run, aws, ends, stack);
    // Rows name their owner, so nobody has to be asked whose credentials these are.
    const reading = await readVpcs(aws, { account: stack?.account ?? "", region }, vpcs);
    const scene = sceneOf(reading, {
      stack,
      peerctl: peerctlWords(config),
      awsFlags: awsWords(config, region),
      me: () => callerAddress(access.callerIpUrl, run.clock, signal),
    });
    return { scene, aws, close: () => aws.close() };
  } catch (error) {
    // Without credentials the first call fails with words of the SDK's: these say what to do.
    if (aws.calls.length === 0) await account(aws);
    aws.close();
    throw error;
  }
}

/** Saved tables, several files as one: the two sides of a peering between accounts. Asks nothing of anybody. */
export async function lookAtFiles({ config }: Run, paths: readonly string[]): Promise<Look> {
  const readings = await Promise.all(paths.map(loadSnapshot));
  const reading: Reading = {
    snapshot: mergeSnapshots(readings.map(({ snapshot }) => snapshot)),
    tags: Object.assign({}, ...readings.map(({ tags }) => tags)),
  };
  const region = reading.snapshot.vpcs[0]?.region ?? "";
  const scene = sceneOf(reading, {
    stack: undefined,
    peerctl: peerctlWords(config),
    awsFlags: awsWords(config, region),
    me: async () => {
      throw new UserError("a saved snapshot does not know your address", "name the address instead of me");
    },
  });
  return { scene, close: () => {} };
}

async function vpcsFor(run: Run, aws: Aws, ends: Ends, stack: State | undefined): Promise<string[]> {
  if (ends.length === 0) return stackVpcs(run, stack);
  const found = new Set<string>();
  const lookups: { filter: EndFilter; value: string }[] = [];
  for (const text of ends) {
    const end = readEnd(text);
    if (end.kind === "vpc") found.add(text);
    if (end.kind === "name") {
      const id = stack?.resources[`vpc/${text}`]?.id;
      // A name that the stack does not have is told of once its VPCs' names can be.
      for (const vpc of id ? [id] : stackVpcs(run, stack)) found.add(vpc);
    }
    if (end.kind === "interface") lookups.push({ filter: "network-interface-id", value: text });
    if (end.kind === "instance") lookups.push({ filter: "attachment.instance-id", value: text });
    if (end.kind === "address") lookups.push({ filter: addressFilter(text, end.isPrivate), value: text });
  }
  for (const vpc of await vpcsOf(aws, lookups)) found.add(vpc);
  if (found.size > 0) return [...found];
  throw new UserError(
    `nothing in this account and Region is ${ends.join(" or ")}`,
    "check the ids and addresses, and --region and --profile",
  );
}

function stackVpcs({ config }: Run, stack: State | undefined): string[] {
  const ids = Object.values(stack?.resources ?? {})
    .filter(({ type }) => type === "vpc")
    .map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw new UserError(
    stack ? "the stack has no VPCs yet" : `there is no state file ${config.state}`,
    `make the stack: ${peerctlWords(config)} up; or name two instances, interfaces or addresses`,
  );
}

function addressFilter(text: string, isPrivate: boolean): EndFilter {
  if (text.includes(":")) return "ipv6-addresses.ipv6-address";
  return isPrivate ? "addresses.private-ip-address" : "addresses.association.public-ip";
}
