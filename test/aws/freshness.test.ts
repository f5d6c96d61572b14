import { setMaxListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { learningFreshness } from "../../src/aws/freshness.ts";
import { manualClock } from "../lab/data-plane/manual-clock.ts";

const { signal } = new AbortController();
setMaxListeners(0, signal);

/** An AWS that knows an id `lag` ms after it was made; each call's answer takes 100 ms, and it takes effect half way. */
function endpoint(lag: number) {
  const clock = manualClock();
  const freshness = learningFreshness(clock);
  const made = new Map<string, number>();
  let misses = 0;
  const make = (id: string) => {
    made.set(id, clock.now());
    freshness.born({ Vpc: { VpcId: id } });
  };
  return {
    clock,
    freshness,
    misses: () => misses,
    make,
    /** A call that names `id` goes out `queued` ms after its turn, and AWS does not know it. */
    miss: async (id: string, queued: number) => {
      const attempt = await freshness.turn({ VpcId: id }, signal);
      await clock.advance(queued);
      const start = clock.now();
      await clock.finish(attempt.missed(start, signal));
      attempt.ended();
    },
    /** How old the next new id is when a call that names it gets its turn. */
    ageAtTurn: async () => {
      const born = clock.now();
      make("vpc-0000000000000000f");
      await clock.finish(freshness.turn({ VpcId: "vpc-0000000000000000f" }, signal));
      return clock.now() - born;
    },
    /** Resolves with how old the id was when the call came through. */
    use: async (id: string): Promise<number> => {
      for (;;) {
        const attempt = await freshness.turn({ VpcId: id }, signal);
        const start = clock.now();
        const age = start - (made.get(id) ?? 0);
        await clock.sleep(100);
        if (age + 50 >= lag) {
          attempt.knew(start);
          attempt.ended();
          return age;
        }
        misses += 1;
        await attempt.missed(start, signal);
        attempt.ended();
      }
    },
  };
}

const [a, b] = ["vpc-0000000000000000a", "vpc-0000000000000000b"];

describe("where AWS does not lag", () => {
  test("one call goes ahead, the others follow its answer, and later ones go at once", async () => {
    const { clock, make, use, misses } = endpoint(0);
    make(a);
    expect(await clock.finish(Promise.all([use(a), use(a), use(a)]))).toEqual([0, 100, 100]);
    make(b);
    const ages = await clock.finish(Promise.all([use(b), use(b)]));
    expect(ages).toEqual([0, 0]);
    expect(misses()).toBe(0);
  });
});

describe("where AWS lags", () => {
  test("few calls find out by how much, and all others wait for as long", async () => {
    const { clock, make, use, misses } = endpoint(400);
    make(a);
    make(b);
    await clock.finish(Promise.all([a, a, a, a, b, b, b].map(use)));
    expect(misses()).toBe(2);
    make("subnet-0000000000000000c");
    const [age] = await clock.finish(Promise.all([use("subnet-0000000000000000c")]));
    expect(misses()).toBe(2);
    expect(age).toBeGreaterThanOrEqual(350);
    expect(age).toBeLessThan(500);
  });

  test("where the lag grows, what was learned grows with it", async () => {
    const { clock, freshness, make, ageAtTurn } = endpoint(0);
    make(a);
    (await clock.finish(freshness.turn({ VpcId: a }, signal))).knew(clock.now());
    make(b);
    const attempt = await clock.finish(freshness.turn({ VpcId: b }, signal));
    await clock.finish(attempt.missed(clock.now(), signal));
    expect(await ageAtTurn()).toBe(300);
  });

  test("an id is as old as it was when the call went out, and not when it got its turn", async () => {
    const { clock, freshness, make, ageAtTurn, miss } = endpoint(0);
    make(a);
    (await freshness.turn({ VpcId: a }, signal)).knew(clock.now());
    make(b);
    // It stood in the pacer's queue.
    await miss(b, 2000);
    expect(await ageAtTurn()).toBe(2700);
  });

  test("what is learned has a bound", async () => {
    const { clock, freshness, make, ageAtTurn, miss } = endpoint(0);
    make(a);
    (await freshness.turn({ VpcId: a }, signal)).knew(clock.now());
    make(b);
    await miss(b, 9000);
    expect(await ageAtTurn()).toBe(10_000);
  });
});

describe("what says nothing about AWS's lag", () => {
  test("that an old id is not known: it has gone, and nobody else waits for it", async () => {
    const { clock, freshness, make, ageAtTurn, miss } = endpoint(0);
    make(a);
    (await freshness.turn({ VpcId: a }, signal)).knew(clock.now());
    await miss(a, 60_000);
    expect(await ageAtTurn()).toBe(0);
  });

  test("that an id is known that was old when it was first named", async () => {
    const { clock, freshness, make, ageAtTurn } = endpoint(0);
    make(a);
    await clock.advance(5000);
    const attempt = await freshness.turn({ VpcId: a }, signal);
    attempt.knew(clock.now());
    attempt.ended();
    expect(await ageAtTurn()).toBe(0);
  });

  test("that a call came through long after it missed, because it stood in a queue", async () => {
    const { clock, freshness, make, ageAtTurn, miss } = endpoint(0);
    make(a);
    await miss(a, 100);
    const attempt = await freshness.turn({ VpcId: a }, signal);
    await clock.advance(20_000);
    attempt.knew(clock.now());
    attempt.ended();
    expect(await ageAtTurn()).toBe(0);
  });
});

test("ids that an earlier run made are not waited for, unless AWS does not know them", async () => {
  const { clock, freshness } = endpoint(0);
  const before = clock.now();
  const attempt = await freshness.turn({ VpcId: a }, signal);
  expect(clock.now()).toBe(before);
  await clock.finish(attempt.missed(clock.now(), signal));
  expect(clock.now() - before).toBe(300);
});

test("a scout without an answer keeps nobody for more than a second", async () => {
  const { clock, freshness, make } = endpoint(0);
  make(a);
  await freshness.turn({ VpcId: a }, signal);
  const before = clock.now();
  await clock.finish(freshness.turn({ VpcId: a }, signal));
  expect(clock.now() - before).toBe(1000);
});

test("a scout that fails for another reason hands on to the next", async () => {
  const { clock, freshness, make } = endpoint(0);
  make(a);
  const scout = await freshness.turn({ VpcId: a }, signal);
  const next = freshness.turn({ VpcId: a }, signal);
  scout.ended();
  const before = clock.now();
  (await next).knew(clock.now());
  expect(clock.now()).toBe(before);
});
