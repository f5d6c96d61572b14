import type { Context } from "../context.ts";
import type { Blocked } from "./in-the-way.ts";
import type { Removal } from "./removal.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";

/** Runs the steps all at once; each waits on the board for what it needs of the others. */
export function applySteps(ctx: Context, steps: readonly Step[]): Promise<void> {
  return together(ctx, ...steps.map((step) => step.apply(ctx)));
}

/**
 * Undoes the steps all at once; each waits until what depends on its resources is gone. Where others are in the way of
 * something, all the rest goes, and it resolves with each that had to stay.
 */
export async function undoSteps(removal: Removal, steps: readonly Step[]): Promise<readonly Blocked[]> {
  try {
    await together(removal, ...steps.map((step) => step.undo(removal)));
  } catch (error) {
    if (!removal.isBlocked(error)) throw error;
  }
  return removal.blocked;
}
