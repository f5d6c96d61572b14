import { lstat, realpath } from "node:fs/promises";
import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import type { Topology } from "../topology.ts";
import { type LockWait, takeLock } from "./lock.ts";
import { readState } from "./read.ts";
import { type State, schemaVersion } from "./schema.ts";
import { type StateStore, serialise, stateStore } from "./store.ts";
import { writeAtomically } from "./write.ts";

/** What a state file belongs to. Its ids mean nothing anywhere else. */
interface Binding {
  /** Twelve digits. */
  account: string;
  region: string;
  /** The endpoint's URL, or "aws" for AWS's own. */
  endpoint: string;
}

/** A binding whose account may not be known yet. */
type Place = Omit<Binding, "account"> & { account?: string };

/** A new file's content: nothing made yet, or all that was found of a stack whose file was lost. */
interface Beginning extends Partial<Pick<State, "resources" | "generations">> {
  name: string;
  topology: Topology;
  uuid: string;
}

interface Opening {
  path: string;
  /**
   * The account may still have to be asked for: it is, once the lock is held and the file has been found good, so that
   * nothing is asked of AWS where there is something to mend here first. `isNew` is the store's.
   */
  expect: Omit<Binding, "account"> & { account: string | ((isNew: boolean) => Promise<string>) };
  /** What to begin with where there is no file; without it, no file is a UserError. */
  create?: Beginning;
  clock: Clock;
  /** Ends the wait for the lock. */
  signal?: AbortSignal;
  /** How long to wait for another peerctl to be done with the file, and whom to tell, once; not at all if left out. */
  wait?: LockWait;
  /** What this process runs, for whoever finds the lock held; never with secrets in it. */
  command?: string;
  /** Replaces the file's text, durably; tests pass a disk that fails. */
  write?: (path: string, text: string) => Promise<void>;
}

/**
 * Opens the state file and locks it until the store is closed. The file is written once, so that a disk that takes
 * nothing is found before anything is made that has to be recorded. Throws UserError for a file that is in use, damaged,
 * newer than this peerctl or another account's, Region's or endpoint's, and for one that cannot be written.
 */
export async function openState(opening: Opening): Promise<StateStore> {
  const { expect, create, clock, signal, wait, command = "peerctl" } = opening;
  const { write = writeAtomically } = opening;
  const path = await followLink(opening.path);
  const lock = await takeLock(path, { command, clock, signal, wait });
  try {
    const known = await readState(path);
    if (!known && !create) throw new NoStateFile(path);
    const asked = typeof expect.account === "string" ? expect.account : undefined;
    if (known) assertBelongs(known, { ...expect, account: asked }, path);
    const isNew = known === undefined;
    const account = typeof expect.account === "string" ? expect.account : await expect.account(isNew);
    const binding = { ...expect, account };
    if (known) assertBelongs(known, binding, path);
    const state = known ?? emptyState(binding, create!);
    await write(path, serialise(state));
    return stateStore({ path, state, isNew, lock, clock, write });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** There is no file to open: there never was one, or the run that held the lock has removed it. */
export class NoStateFile extends UserError {
  override name = "NoStateFile";
  constructor(path: string) {
    super(
      `there is no state file ${path}`,
      "make the stack: peerctl up; bring back a lost file: peerctl recover; or name the file: --state FILE",
    );
  }
}

/** The state of a stack that nothing of is made yet. */
export function emptyState(
  { account, region, endpoint }: Binding,
  { name, uuid, topology, resources = {}, generations = {} }: Beginning,
): State {
  return {
    schemaVersion,
    stack: { name, uuid },
    account,
    region,
    endpoint,
    topology: structuredClone(topology),
    resources,
    intents: {},
    generations,
    hostKeys: {},
  };
}

/** Throws UserError, naming both sides, where the state belongs to another Region, endpoint or (if known) account. */
export function assertBelongs(state: State, expect: Place, path: string): void {
  const { account = state.account, region, endpoint } = expect;
  if (state.account === account && state.region === region && state.endpoint === endpoint) return;
  throw new UserError(
    `the state file ${path} belongs to ${place(state)}, and this run is for ${place(expect)}`,
    `${wayBack(state, expect)}, or name another file with --state FILE`,
  );
}

/** What to say to be where the state belongs. */
function wayBack(state: State, { account = state.account, region, endpoint }: Place): string {
  const toEndpoint =
    state.endpoint === "lab"
      ? "add --lab"
      : state.endpoint === "aws"
        ? "leave out --lab and --endpoint-url, also in the environment"
        : `use --endpoint-url ${state.endpoint}`;
  return [
    state.endpoint === endpoint ? "" : toEndpoint,
    state.region === region ? "" : `use --region ${state.region}`,
    state.account === account ? "" : `choose the credentials of account ${state.account} (--profile)`,
  ]
    .filter(Boolean)
    .join(", ");
}

const names: Readonly<Record<string, string>> = { aws: "AWS", lab: "the lab" };

function place({ account, region, endpoint }: Place): string {
  return `${account ? `account ${account} in ` : ""}${region} at ${names[endpoint] ?? endpoint}`;
}

/**
 * The file that `path` really names: a rename would put a file in place of a symbolic link, and the lock must be the
 * same by every name. A link to nothing (a disk that is not mounted) is an error and not an empty state.
 */
async function followLink(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    const isLink = await lstat(path).then(
      (found) => found.isSymbolicLink(),
      () => false,
    );
    if (!isLink) return path;
    throw new UserError(
      `the state file ${path} is a link to a file that is not there`,
      "mount what it points to, or name another file with --state FILE",
      { cause },
    );
  }
}
