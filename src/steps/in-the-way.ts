import { type Blocker, blockerText } from "../aws/blocker.ts";
import { describeCause, type StepError, UserError } from "../errors.ts";

/** Something of ours cannot go yet; all the rest can. `message` is AWS's own, with what is in the way. */
export class InTheWay extends UserError {
  override name = "InTheWay";
  constructor(
    cause: unknown,
    /** As far as they were found. */
    readonly blockers: readonly Blocker[],
    remedy = remedyFor(blockers),
  ) {
    const found = blockers.map(blockerText).join(", ") || "something that was not found";
    super(`${describeCause(cause)}; in the way: ${found}`, remedy, { cause });
  }
}

function remedyFor(blockers: readonly Blocker[]): string {
  return blockers.length > 0
    ? "these do not carry this stack's tag: remove them yourself, then run the same command again"
    : "see in AWS's console what still uses it, and remove that; then run the same command again";
}

/** What could not go, and what kept it. */
export interface Blocked {
  /** The logical key; of a part of something, its label. */
  key: string;
  id?: string;
  blockers: readonly Blocker[];
  error: StepError;
}

/** One error for all of them. */
export function blockedError(blocked: readonly Blocked[]): Error | undefined {
  if (blocked.length < 2) return blocked[0]?.error;
  const remedies = new Set(blocked.map(({ error }) => error.remedy));
  return new UserError(blocked.map(({ error }) => error.message).join("\n"), [...remedies].join("\n  "), {
    cause: blocked[0]?.error,
  });
}
