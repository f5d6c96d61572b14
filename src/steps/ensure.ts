import type { Context } from "../context.ts";
import { StepError } from "../errors.ts";
import type { ResourceEvent } from "../report/ui.ts";
import type { ResourceRecord } from "../state/schema.ts";
import { typeOf } from "./board.ts";
import { create, record } from "./create.ts";
import { findKnown } from "./find.ts";
import { isTaken, takenError } from "./taken.ts";
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
 * Makes a resource unless it is there. What an earlier run began without recording (it was killed, or the answer was lost)
 * is looked up and adopted; what is on record but gone from AWS is made anew. Others can build on it as soon as it is
 * recorded; this resolves once it is ready.
 */
export async function ensure(ctx: Context, wanted: Wanted): Promise<void> {
  const { key, step } = wanted;
  if (ctx.look) return lookAt(ctx, wanted);
  try {
    const found = (await keep(ctx, wanted)) ?? (await create(ctx, wanted));
    const recorded = ctx.store.get(key);
    if (!recorded) throw new Error("it was made, but not recorded");
    ctx.board.provide(key, recorded);
    if (found.ready === false) await wanted.ready?.(recorded.id);
  } catch (error) {
    if (error instanceof StepError || error === ctx.signal.reason) throw error;
    throw new StepError(step, key, error, `mend that, then run the same command again: it goes on from here`);
  }
}

/** For `status` and dry runs: says how the resource stands, and changes nothing. */
async function lookAt(ctx: Context, wanted: Wanted): Promise<void> {
  const { key, step, detail } = wanted;
  const recorded = ctx.store.get(key);
  const found = await findKnown(ctx, wanted);
  const id = found?.id ?? recorded?.id;
  ctx.ui.event({ what: await standing(ctx, key, recorded, found), key, id, detail });
  const attributes = { ...recorded?.attributes, ...found?.attributes };
  // What rests on it looks in its turn, with nothing where there is nothing.
  ctx.board.provide(key, {
    id: id ?? "",
    type: typeOf(key),
    step,
    madeAt: recorded?.madeAt ?? "",
    attributes,
  });
}

async function standing(
  ctx: Context,
  key: string,
  recorded: ResourceRecord | undefined,
  found: Found | undefined,
): Promise<ResourceEvent["what"]> {
  if (found) return recorded?.id === found.id ? "kept" : "unrecorded";
  if (!recorded) return "absent";
  return (await isTaken(ctx, key, recorded)) ? "taken" : "missing";
}

/**
 * What is there of it. A stack that begins in this run has nothing yet, so nobody asks; in any other, a key without a
 * record may stand all the same: made by hand, or recorded in a state file that was lost or is an older copy.
 */
async function keep(ctx: Context, wanted: Wanted): Promise<Found | undefined> {
  const { key, step, detail } = wanted;
  const recorded = ctx.store.get(key);
  if (!recorded && !ctx.store.intent(key) && ctx.store.isNew) return undefined;
  const found = await findKnown(ctx, wanted);
  if (recorded && recorded.id !== found?.id) {
    const isOutdated = wanted.outdated?.(recorded);
    if (!isOutdated && (await isTaken(ctx, key, recorded))) throw takenError(ctx, key, recorded);
    ctx.ui.event({ what: isOutdated ? "outdated" : "missing", key, id: recorded.id, detail });
    await ctx.store.renew(key, step);
  }
  if (!found) return undefined;
  if (recorded?.id !== found.id) return record(ctx, wanted, found, "adopted");
  if (changes(recorded.attributes, found.attributes)) await ctx.store.annotate(key, found.attributes ?? {});
  await ctx.store.stay([key]);
  ctx.ui.event({ what: "kept", key, id: found.id, detail });
  return found;
}

function changes(known: Record<string, string>, found: Record<string, string> = {}): boolean {
  return Object.entries(found).some(([name, value]) => known[name] !== value);
}
