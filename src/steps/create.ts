import { codeOf, isUncertain, saysItExists } from "../aws/codes.ts";
import type { Context } from "../context.ts";
import type { Found, Wanted } from "./ensure.ts";
import { findUntil } from "./find.ts";

/** So often a resource is tried to be made. */
const most = 3;

/**
 * Makes a resource: intent, create, record. Where a try may have taken effect (its answer was lost, or AWS says that there
 * is such a thing), what it made is looked up and adopted. The intent is given up only when nothing can have come of it.
 */
export async function create(ctx: Context, wanted: Wanted): Promise<Found> {
  const { key, step } = wanted;
  let mayBeThere = false;
  for (let tries = 1; ; tries++) {
    ctx.signal.throwIfAborted();
    const generation = await ctx.store.begin(key, step);
    try {
      return await record(ctx, wanted, await wanted.create(generation), "made");
    } catch (error) {
      if (error === ctx.signal.reason) throw error;
      const lost = isUncertain(error);
      mayBeThere ||= lost;
      if (lost || saysItExists(error)) {
        const found = await lookForIt(ctx, wanted);
        if (found) return record(ctx, wanted, found, "adopted");
      }
      const again = lost || isTokenUsedUp(error);
      if (!again && !mayBeThere) await ctx.store.forget(key);
      if (!again || tries >= most) throw error;
      // This generation's token made something that has ended since, or another thing: the next try needs another token.
      if (!lost) await ctx.store.renew(key, step);
    }
  }
}

/** What is there, under the key; others can build on it as soon as this resolves. */
export async function record(
  ctx: Context,
  { key, step, detail }: Wanted,
  found: Found,
  what: "made" | "adopted",
): Promise<Found> {
  await ctx.store.record(key, { id: found.id, step, attributes: found.attributes ?? {} });
  ctx.ui.event({ what, key, id: found.id, detail });
  return found;
}

/** It may be there and not be shown yet. */
function lookForIt(ctx: Context, wanted: Wanted): Promise<Found | undefined> {
  ctx.live.refresh();
  return findUntil(ctx, wanted, ctx.clock.now() + ctx.consistencyMs);
}

/** https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
function isTokenUsedUp(error: unknown): boolean {
  return ["IdempotentInstanceTerminated", "IdempotentParameterMismatch"].includes(codeOf(error));
}
