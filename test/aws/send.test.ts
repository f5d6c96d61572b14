import { setMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { type Attempt, attempting, type Call } from "../../src/aws/attempt.ts";
import { sender } from "../../src/aws/send.ts";
import { createBuckets } from "../../src/lab/buckets.ts";
import { manualClock } from "../lab/data-plane/manual-clock.ts";
import { brokenConnection, serviceError } from "../support/service-error.ts";

const { signal } = new AbortController();
setMaxListeners(0, signal);

function place() {
  const clock = manualClock();
  const attempt: Attempt = attempting({ clock, signal, onCall: () => {} });
  return { clock, send: sender({ attempt, clock, signal, random: () => 0.5 }) };
}

const call = (go: Call<unknown>["go"], input: unknown = {}): Call<unknown> => {
  return { action: "CreateRoute", isRead: false, input, go };
};

test.each<[string, Error, object]>([
  ["a broken connection", brokenConnection(), {}],
  ["an id not known yet", serviceError("InvalidVpcID.NotFound"), { fresh: true }],
  ["a state that passes", serviceError("IncorrectState"), { passing: ["IncorrectState"] }],
])(
  "time in the queue wears nobody's patience: %s is repeated after minutes of waiting",
  async (_what, error, how) => {
    const { clock, send } = place();
    const buckets = createBuckets();
    const taking = (answer: () => string) =>
      call(async () => {
        const isTaken = buckets.take("account", "CreateRoute", {}, clock.now());
        await clock.sleep(100);
        if (!isTaken) throw serviceError("RequestLimitExceeded", 503);
        return answer();
      });
    const others = () =>
      Array.from({ length: 700 }, () =>
        send(
          taking(() => "made"),
          {},
        ),
      );
    const began = clock.now();
    const tries: number[] = [];
    const wanted = taking(() => {
      tries.push((clock.now() - began) / 1000);
      if (tries.length < 3) throw error;
      return "made";
    });
    const all = [...others(), send(wanted, how), ...others()];
    await clock.finish(Promise.all(all));
    expect(tries[0]).toBeGreaterThan(120);
    expect(tries[1]! - tries[0]!).toBeGreaterThan(120);
  },
);

test("a call that gives up lets the others go that waited for what it finds out", async () => {
  const { clock, send } = place();
  const vpc = "vpc-0000000000000000a";
  await clock.finish(
    send(
      call(async () => ({ Vpc: { VpcId: vpc } })),
      {},
    ),
  );
  const missing = serviceError("InvalidVpcID.NotFound");
  const useless = call(
    async () => {
      throw missing;
    },
    { VpcId: vpc },
  );
  await expect(clock.finish(send(useless, { fresh: true }))).rejects.toBe(missing);

  const other = "vpc-0000000000000000b";
  await clock.finish(
    send(
      call(async () => ({ Vpc: { VpcId: other } })),
      {},
    ),
  );
  const began = clock.now();
  await clock.finish(
    send(
      call(async () => "made", { VpcId: other }),
      { fresh: true },
    ),
  );
  expect(clock.now() - began).toBe(0);
});
