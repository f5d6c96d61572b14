import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { create } from "../../src/steps/create.ts";
import type { Found } from "../../src/steps/ensure.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { brokenConnection, serviceError } from "../support/service-error.ts";

const key = "vpc/vpc-1";
const made: Found = { id: "vpc-1a" };
const lost = brokenConnection();
const refused = serviceError("VpcLimitExceeded");
const duplicate = serviceError("InvalidGroup.Duplicate");
const otherParameters = serviceError("IdempotentParameterMismatch");
const ended = serviceError("IdempotentInstanceTerminated");

interface Story {
  /** How each try ends. */
  tries: (Error | Found)[];
  /** What AWS shows of it, once it is asked. */
  shown?: Found;
  /** What is on record in the end; undefined where it throws. */
  record?: string;
  intent: boolean;
  /** The generations that the tries went out with. */
  generations: number[];
}

const rows: [string, Story][] = [
  ["made at once", { tries: [made], record: "vpc-1a", intent: false, generations: [1] }],
  ["refused: nothing was made", { tries: [refused], intent: false, generations: [1] }],
  [
    "the answer lost, and it is there",
    { tries: [lost], shown: made, record: "vpc-1a", intent: false, generations: [1] },
  ],
  [
    "the answer lost, and it is not",
    { tries: [lost, made], record: "vpc-1a", intent: false, generations: [1, 1] },
  ],
  [
    "lost, then refused: it may be there, and be shown later",
    { tries: [lost, refused], intent: true, generations: [1, 1] },
  ],
  ["lost again and again", { tries: [lost, lost, lost], intent: true, generations: [1, 1, 1] }],
  [
    "there is one, which is ours",
    { tries: [duplicate], shown: made, record: "vpc-1a", intent: false, generations: [1] },
  ],
  ["there is one, which is not ours", { tries: [duplicate], intent: false, generations: [1] }],
  [
    "lost, and then there is one, not shown yet",
    { tries: [lost, duplicate], intent: true, generations: [1, 1] },
  ],
  [
    "the token made it, with other parameters",
    { tries: [otherParameters], shown: made, record: "vpc-1a", intent: false, generations: [1] },
  ],
  [
    "the token made another thing",
    { tries: [otherParameters, made], record: "vpc-1a", intent: false, generations: [1, 2] },
  ],
  [
    "the token's instance has ended",
    { tries: [ended, made], record: "vpc-1a", intent: false, generations: [1, 2] },
  ],
];

test.each(rows)("%s", async (_what, { tries, shown, record, intent, generations }) => {
  const { ctx, books } = contextOf();
  const left = [...tries];
  const used: number[] = [];
  const outcome = create(ctx, {
    key,
    step: "create-vpcs",
    find: async () => shown,
    create: async (generation) => {
      used.push(generation);
      const next = left.shift()!;
      if (next instanceof Error) throw next;
      return next;
    },
  });
  if (record === undefined) await expect(outcome).rejects.toBe(tries.at(-1));
  else expect(await outcome).toEqual({ id: record });
  expect(left).toEqual([]);
  expect(used).toEqual(generations);
  expect(books).toMatchObject({ record, intent });
});

/** A run with a store that only remembers this one key. */
function contextOf() {
  const books: { record: string | undefined; intent: boolean } = { record: undefined, intent: false };
  let generation = 1;
  const clock = hurriedClock();
  const store = {
    state: {},
    get: () => undefined,
    begin: async () => {
      books.intent = true;
      return generation;
    },
    renew: async () => {
      generation += 1;
    },
    record: async (_key: string, { id }: { id: string }) => {
      Object.assign(books, { record: id, intent: false });
    },
    forget: async () => {
      books.intent = false;
    },
  };
  const live = { refresh: () => {}, again: (pause: () => Promise<void>) => pause() };
  const { signal } = new AbortController();
  const ctx = { clock, store, live, signal, consistencyMs: 2000, ui: { event: () => {} } };
  return { ctx: ctx as unknown as Context, books };
}
