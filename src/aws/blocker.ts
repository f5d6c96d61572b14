/** Something that is not ours and keeps something of ours from being deleted. */
export interface Blocker {
  id: string;
  /** What it is, e.g. `network interface`. */
  type: string;
  /** What tells it from others of its type, e.g. its description. */
  detail?: string;
}

/** What this run removes by itself, and so is in nobody's way for long. */
export interface Ours {
  /** The stack's. */
  uuid: string;
  ids: ReadonlySet<string>;
}

/** `eni-1 (network interface, "theirs")`. */
export function blockerText({ id, type, detail }: Blocker): string {
  return `${id} (${type}${detail ? `, ${detail}` : ""})`;
}
