import { codeOf, isUncertain } from "../aws/codes.ts";
import type { Context } from "../context.ts";
import { StepError } from "../errors.ts";
import type { ResourceRecord } from "../state/schema.ts";
import { typeOf } from "./board.ts";
import { findKnown, findUntil } from "./find.ts";
import type { StepName } from "./step.ts";

/** A resource as AWS shows it. */
export interface Found {
  /** AWS's id; for what has none (a route, an attachment) the id of what holds it. */
  id: string;
  attributes?: Record<string, string>;
  /** False where it is there but not usable yet, e.g. an instance that boots. */
  ready?: boolean;
}

/** One resource that a step wants to be there. */
export interface Wanted {
  key: string;
  step: StepName;
  /** What the line on the terminal says beside key and id, e.g. the CIDR. */
  detail?: string;
  /** Looks at AWS (through `ctx.live`) for the resource; `id` is the one on record, if any. */
  find(id: string | undefined): Promise<Found | undefined>;
  /** Whether what is on record was for something else, e.g. another target: it is replaced then, and not missing. */
  outdated?(recorded: ResourceRecord): boolean;
  /** Makes it. `generation` goes up each time that the key is made anew; with `key` it gives the ClientToken. */
  create(generation: number): Promise<Found>;
  /** Waits until it can be used; called where `find` or `create` said that it is not ready. */
  ready?(id: string): Promise<void>;
}

/**
 * Makes a resource unless it is there: intent, create, record. What an earlier run began without recording (it was
 * killed, or the answer was lost) is looked up and adopted; what is on record but gone from AWS is made anew. Others can
 * build on it as soon as it is recorded; this resolves once it is ready.
 */
export async function ensure(ctx: Context, wanted: Wanted): Promise<void> {
  const { key, step } = wanted;
  if (ctx.look) return lookAt(ctx, wanted);
  try {
    const found = (await keep(ctx, wanted)) ?? (await make(ctx, wanted));
    const record = ctx.store.get(key);
    if (!record) throw new Error("it was made, but not recorded");
    ctx.board.provide(key, record);
    if (found.ready === false) await wanted.ready?.(record.id);
  } catch (error) {
    if (error instanceof StepError || error === ctx.signal.reason) throw error;
    throw new StepError(step, key, error, `mend that, then run the same command again: it goes on from here`);
  }
}

/** For `status` and dry runs: says how the resource stands, and changes nothing. */
async function lookAt(ctx: Context, wanted: Wanted): Promise<void> {
  const { key, step, detail } = wanted;
  const record = ctx.store.get(key);
  const found = await findKnown(ctx, wanted);
  const id = found?.id ?? record?.id;
  const what = found ? (record?.id === found.id ? "kept" : "unrecorded") : record ? "missing" : "absent";
  ctx.ui.event({ what, key, id, detail });
  const attributes = { ...record?.attributes, ...found?.attributes };
  // What rests on it looks in its turn, with nothing where there is nothing.
  ctx.board.provide(key, { id: id ?? "", type: typeOf(key), step, madeAt: record?.madeAt ?? "", attributes });
}

async function keep(ctx: Context, wanted: Wanted): Promise<Found | undefined> {
  const { key, step, detail } = wanted;
  const record = ctx.store.get(key);
  if (!record && !ctx.store.intent(key)) return undefined;
  const found = await findKnown(ctx, wanted);
  if (record && record.id !== found?.id) {
    ctx.ui.event({ what: wanted.outdated?.(record) ? "outdated" : "missing", key, id: record.id, detail });
    await ctx.store.renew(key, step);
  }
  if (!found) return undefined;
  const same = record?.id === found.id;
  if (!same) await write(ctx, wanted, found);
  else if (changes(record.attributes, found.attributes))
    await ctx.store.annotate(key, found.attributes ?? {});
  ctx.ui.event({ what: same ? "kept" : "adopted", key, id: found.id, detail });
  return found;
}

async function make(ctx: Context, wanted: Wanted): Promise<Found> {
  const { key, step, detail } = wanted;
  for (let tries = 1; ; tries++) {
    ctx.signal.throwIfAborted();
    const generation = await ctx.store.begin(key, step);
    try {
      const found = await wanted.create(generation);
      await write(ctx, wanted, found);
      ctx.ui.event({ what: "made", key, id: found.id, detail });
      return found;
    } catch (error) {
      if (isUncertain(error)) {
        // The answer was lost. The resource may be there all the same, perhaps not visible yet.
        ctx.live.refresh();
        const found = await findUntil(ctx, wanted, ctx.clock.now() + ctx.consistencyMs);
        if (found) {
          await write(ctx, wanted, found);
          ctx.ui.event({ what: "adopted", key, id: found.id, detail });
          return found;
        }
      } else if (codeOf(error) === "IdempotentInstanceTerminated") {
        // This try's token made an instance that has ended since: the next try needs another token.
        await ctx.store.renew(key, step);
      } else {
        // AWS said no, or the call never went out: nothing was made, so there is nothing to look for later.
        if (error !== ctx.signal.reason) await ctx.store.forget(key);
        throw error;
      }
      if (tries >= 3) throw error;
    }
  }
}

function write(ctx: Context, { key, step }: Wanted, { id, attributes = {} }: Found): Promise<void> {
  return ctx.store.record(key, { id, step, attributes });
}

function changes(known: Record<string, string>, found: Record<string, string> = {}): boolean {
  return Object.entries(found).some(([name, value]) => known[name] !== value);
}
