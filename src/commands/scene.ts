import type { Reading } from "../aws/snapshot.ts";
import { keyTag, stackTag } from "../aws/tags.ts";
import { index, type Network } from "../net/network.ts";
import type { State } from "../state/schema.ts";

/** What a question is asked of: the tables, ready for probes, and what is known of whose they are. */
export interface Scene extends Reading {
  network: Network;
  /** The stack whose state file is at hand; undefined where there is none, or it is of another place. */
  stack: State | undefined;
  /** How commands that are printed begin and end: see `Surroundings`. */
  peerctl: string;
  awsFlags: string;
  /** The caller's own public address; asked for only where a question needs it. */
  me(): Promise<string>;
}

export function sceneOf(reading: Reading, rest: Pick<Scene, "stack" | "peerctl" | "awsFlags" | "me">): Scene {
  return { ...reading, ...rest, network: index(reading.snapshot) };
}

/** Kinds of key whose record's id is the resource's own, and not of what holds it. */
const owned = new Set([
  "vpc",
  "subnet",
  "internet-gateway",
  "route-table",
  "peering",
  "security-group",
  "instance",
]);

/** The logical key of what the stack made, by its state file or, for what that does not know, by its own tags. */
export function keyOf({ stack, tags }: Pick<Scene, "stack" | "tags">, id: string): string | undefined {
  if (!stack) return undefined;
  const found = Object.entries(stack.resources).find(
    ([, record]) => record.id === id && owned.has(record.type),
  );
  if (found) return found[0];
  return tags[id]?.[stackTag] === stack.stack.uuid ? tags[id]?.[keyTag] : undefined;
}

/** What people call it: the VPC of the stack that it is in or, for all else, its Name tag. */
export function nameFor({ tags }: Pick<Scene, "tags">, id: string): string | undefined {
  return tags[id]?.[keyTag]?.split("/")[1] ?? tags[id]?.Name;
}
