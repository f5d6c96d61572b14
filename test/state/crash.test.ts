import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openState } from "../../src/state/open.ts";
import type { State } from "../../src/state/schema.ts";
import type { StateStore } from "../../src/state/store.ts";
import { binding, create, handClock, temporaryFolder } from "./samples.ts";

/**
 * The promise of the state file: whenever the process dies, the file holds every change up to some moment and none
 * after it, and that moment is not before the last change whose promise resolved.
 */

const key = fc.constantFrom("vpc/vpc-1", "subnet/vpc-1", "instance/vpc-2", "peering/vpc-1~vpc-2");
const change = fc.oneof(
  fc.record({ kind: fc.constant("begin" as const), key }),
  fc.record({ kind: fc.constant("record" as const), key, id: fc.constantFrom("id-1", "id-2") }),
  fc.record({ kind: fc.constant("renew" as const), key }),
  fc.record({ kind: fc.constant("forget" as const), key }),
);
const act = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("copy" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pause" as const), turns: fc.nat({ max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
);

test("a copy of the file taken at any moment opens as the state of one moment, with all that was promised", async () => {
  const folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      run += 1;
      const path = join(folder, `${run}.json`);
      const store = await openState({ path, expect: binding, create, clock: handClock() });
      const moments: string[] = [JSON.stringify(store.state)];
      let durable = 0;
      const changes: Promise<void>[] = [];
      const copies: { path: string; durable: number; done: Promise<void> }[] = [];
      const copy = () => {
        const to = join(folder, `${run}-${copies.length}.json`);
        copies.push({ path: to, durable, done: copyFile(path, to) });
      };
      for (const step of acts) {
        if (step.kind === "copy") copy();
        else if (step.kind === "settle") await Promise.all(changes);
        else if (step.kind === "pause") {
          for (let turn = 0; turn < step.turns; turn += 1) await new Promise(setImmediate);
        } else {
          const before = moments.length;
          const done = apply(store, step).then(
            () => {
              durable = Math.max(durable, before);
            },
            // Refused (the key is taken): nothing may have changed.
            () => expect(moments[before]).toBe(moments[before - 1]),
          );
          moments.push(JSON.stringify(store.state));
          changes.push(done);
        }
      }
      copy();
      await Promise.all([...changes, ...copies.map((each) => each.done)]);
      await store.close();

      for (const each of copies) {
        const after = await openState({ path: each.path, expect: binding, clock: handClock() });
        const found = moments.lastIndexOf(JSON.stringify(after.state));
        expect(found).toBeGreaterThanOrEqual(each.durable);
        await after.close();
      }
      const last = await openState({ path, expect: binding, clock: handClock() });
      expect(JSON.stringify(last.state)).toBe(moments.at(-1));
      await last.close();
    }),
    { numRuns: 40, seed: 1702 },
  );
});

function apply(
  store: StateStore,
  step: { kind: "begin" | "renew" | "record" | "forget"; key: string; id?: string },
): Promise<unknown> {
  if (step.kind === "begin") return store.begin(step.key, "step");
  if (step.kind === "renew") return store.renew(step.key, "step");
  if (step.kind === "forget") return store.forget(step.key);
  return store.record(step.key, { id: step.id ?? "", step: "step", attributes: { of: step.key } });
}

test("the store's memory agrees with a plain model of it", async () => {
  const folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (steps) => {
      run += 1;
      const path = join(folder, `model-${run}.json`);
      const store = await openState({
        path,
        expect: binding,
        create,
        clock: handClock(),
        write: async () => {},
      });
      const ids = new Map<string, string>();
      const pending = new Set<string>();
      for (const step of steps) {
        const taken = ids.get(step.key);
        const refused =
          (step.kind === "begin" && taken !== undefined) ||
          (step.kind === "record" && taken !== undefined && taken !== step.id);
        const outcome = await apply(store, step).then(
          () => "done",
          () => "refused",
        );
        expect(outcome).toBe(refused ? "refused" : "done");
        if (refused) continue;
        if (step.kind === "begin" || step.kind === "renew") pending.add(step.key);
        else pending.delete(step.key);
        if (step.kind === "record") ids.set(step.key, step.id);
        if (step.kind === "forget" || step.kind === "renew") ids.delete(step.key);
      }
      const { resources, intents }: Readonly<State> = store.state;
      expect(new Map(Object.entries(resources).map(([name, { id }]) => [name, id]))).toEqual(ids);
      expect(new Set(Object.keys(intents))).toEqual(pending);
      await store.close();
    }),
    { numRuns: 100, seed: 1702 },
  );
});
