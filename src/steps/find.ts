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
 * anew it would be there twice. And what a removal was about just now may still be shown, which does not make it be there.
 */
export function findKnown(ctx: Context, wanted: Wanted): Promise<Found | undefined> {
  return findUntil(ctx, wanted, shownAt(ctx, wanted));
}

/** From when on what was made of it is shown, in milliseconds since the epoch. */
function shownAt({ store, clock, consistencyMs }: Context, { key, outdated }: Wanted): number {
  const record = store.get(key);
  const intent = store.intent(key);
  const now = clock.now();
  if (intent) return lastSent(intent, now) + consistencyMs;
  if (!record || outdated?.(record)) return now;
  // A clock may have been set back since.
  return Math.min(Date.parse(record.madeAt), now) + consistencyMs;
}

/**
 * Looks again and again until `deadline` (ms since the epoch), because Describe lags behind Create; once at the least. What
 * is on record counts as found when it is shown under its id: another of that key may be one that is gone but still shown.
 */
export async function findUntil(ctx: Context, wanted: Wanted, deadline: number): Promise<Found | undefined> {
  const id = ctx.store.get(wanted.key)?.id;
  const gone = goneAt(ctx, wanted.key);
  for (;;) {
    const found = await wanted.find(id);
    const now = ctx.clock.now();
    const isIt = found && (id === undefined || found.id === id);
    if (isIt && now >= gone) return found;
    if (now >= deadline && (!found || now >= gone)) return found;
    await ctx.live.again(() => ctx.clock.sleep(500, ctx.signal));
  }
}

/** From when on what a removal deleted under `key` is not shown any more, in milliseconds since the epoch. */
function goneAt({ store, clock, consistencyMs }: Context, key: string): number {
  const { leaving } = store.state;
  return leaving?.keys.includes(key) ? lastSent(leaving, clock.now()) + consistencyMs : 0;
}
