import { type LiveKind, liveKinds } from "../aws/live.ts";
import { liveKindOf, type Tagged } from "../aws/sweep.ts";
import type { State } from "../state/schema.ts";
import { typeOf } from "../steps/board.ts";
import type { Owned } from "../steps/removal.ts";

/** Something that a state file has on record. */
export interface Recorded {
  key: string;
  kind: LiveKind;
  id: string;
}

/** What the state file has on record of the kinds that carry tags. */
export function recordedIn({ resources }: Pick<State, "resources">): Recorded[] {
  return Object.entries(resources).flatMap(([key, { id }]) => {
    const kind = liveKinds.find((each) => each === typeOf(key));
    return kind ? [{ key, kind, id }] : [];
  });
}

/** What is on record and what was found by tag, by key. Where they disagree, both count: neither may be left behind. */
export function ownedBy(recorded: readonly Recorded[], found: readonly Tagged[]): Owned[] {
  const owned = new Map<string, { kind: LiveKind; ids: Set<string> }>();
  const add = (key: string, kind: LiveKind, id: string) => {
    const known = owned.get(key) ?? { kind, ids: new Set() };
    owned.set(key, { kind, ids: known.ids.add(id) });
  };
  for (const { key, kind, id } of recorded) add(key, kind, id);
  for (const { id, resourceType, key } of found) {
    const kind = liveKindOf(resourceType);
    if (kind) add(key ?? `${kind}/${id}`, kind, id);
  }
  return [...owned].map(([key, { kind, ids }]) => ({
    key,
    kind,
    name: key.slice(key.indexOf("/") + 1),
    ids: [...ids],
  }));
}
