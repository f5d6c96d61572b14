import { type LiveKind, liveKinds } from "../aws/live.ts";
import { liveKindOf, type Tagged } from "../aws/sweep.ts";
import { typeOf } from "../steps/board.ts";
import type { Owned } from "../steps/removal.ts";
import type { Place } from "./shown-by-tag.ts";

/** What the state file and the tags know of, by key. Where they disagree, both count: neither may be left behind. */
export function ownedBy(place: Place, found: readonly Tagged[]): Owned[] {
  const owned = new Map<string, { kind: LiveKind; ids: Set<string> }>();
  const add = (key: string, kind: LiveKind, id: string) => {
    const known = owned.get(key) ?? { kind, ids: new Set() };
    owned.set(key, { kind, ids: known.ids.add(id) });
  };
  for (const [key, { id }] of Object.entries(place.resources)) {
    const kind = liveKinds.find((each) => each === typeOf(key));
    if (kind) add(key, kind, id);
  }
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
