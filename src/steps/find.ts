import { idOf, type LiveKind, type LiveRows } from "../aws/live.ts";
import type { Context } from "../context.ts";
import { lastSent } from "../state/last-sent.ts";
import type { Found, Wanted } from "./ensure.ts";

/** `find` for what carries our tags: by its logical key. */
export async function findTagged<Kind extends LiveKind>(
  ctx: Context,
  kind: Kind,
  key: string,
  id: string | undefined,
  more: (row: LiveRows[Kind]) => Omit<Found, "id"> = () => ({}),
): Promise<Found | undefined> {
  const row = await ctx.live.find(kind, key, id);
  return row && { id: idOf(kind, row), ...more(row) };
}

/**
 * Looks for what there is of it. What was made only just now may not be shown yet, which does not make it missing: made
 * anew it would be there twice.
 */
export function findKnown(ctx: Context, wanted: Wanted): Promise<Found | undefined> {
  const { key } = wanted;
  const record = ctx.store.get(key);
  const intent = ctx.store.intent(key);
  const now = ctx.clock.now();
  if (intent) return findUntil(ctx, wanted, lastSent(intent, now) + ctx.consistencyMs);
  if (!record || wanted.outdated?.(record)) return wanted.find(record?.id);
  // A clock may have been set back since.
  return findUntil(ctx, wanted, Math.min(Date.parse(record.madeAt), now) + ctx.consistencyMs);
}

/**
 * Looks again and again until `deadline` (ms since the epoch), because Describe lags behind Create; once at the least. What
 * is on record counts as found when it is shown under its id: another of that key may be one that is gone but still shown.
 */
export async function findUntil(ctx: Context, wanted: Wanted, deadline: number): Promise<Found | undefined> {
  const id = ctx.store.get(wanted.key)?.id;
  for (;;) {
    const found = await wanted.find(id);
    if (found && (id === undefined || found.id === id)) return found;
    if (ctx.clock.now() >= deadline) return found;
    await ctx.live.again(() => ctx.clock.sleep(500, ctx.signal));
  }
}
