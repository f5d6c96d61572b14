import { describe, expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { SshError, type SshFailure } from "../../src/ssh/error.ts";
import type { Session } from "../../src/ssh/session.ts";
import { SshUnreachable, type WaitProgress, waitForSsh } from "../../src/ssh/wait.ts";
import { fakeClock } from "./support/clock.ts";

const session = {} as Session;

/** Each try meets the next of `script` (the last one again and again); a silent one takes 5 s, any other 20 ms. */
function waiting(script: (SshFailure | Error | "open")[], timeoutMs = 60_000) {
  const clock = fakeClock();
  const progress: WaitProgress[] = [];
  const left: number[] = [];
  const abort = new AbortController();
  const attempt = async ({ timeoutMs }: { timeoutMs: number }) => {
    const step = script[Math.min(left.length, script.length - 1)]!;
    left.push(timeoutMs);
    clock.pass(step === "silent" ? Math.min(5000, timeoutMs) : 20);
    if (step === "open") return session;
    throw step instanceof Error ? step : new SshError(step, `it was ${step}`, "mend it");
  };
  const onProgress = (each: WaitProgress) => void progress.push(each);
  const result = () => waitForSsh({ attempt, clock, signal: abort.signal, timeoutMs, onProgress });
  return { clock, progress, left, abort, attempt, result };
}

const thrown = async (promise: Promise<unknown>): Promise<SshUnreachable> =>
  promise.then(
    () => expect.fail("it did not fail"),
    (error) => error,
  );

test("goes on until it is open, and tells each failure", async () => {
  const { result, progress, left } = waiting(["silent", "refused", "refused", "not-ready", "auth", "open"]);
  expect(await result()).toBe(session);
  expect(progress.map(({ attempts, error }) => [attempts, error.kind])).toEqual([
    [1, "silent"],
    [2, "refused"],
    [3, "refused"],
    [4, "not-ready"],
    [5, "auth"],
  ]);
  expect(left[0]).toBe(60_000);
  expect(left[1]).toBeLessThan(55_000);
});

test("quick refusals are asked for ever more rarely, a slow silence at once", async () => {
  const refused = waiting(["refused"], 20_000);
  await thrown(refused.result());
  const { slept } = refused.clock;
  expect(slept[0]).toBeLessThanOrEqual(200);
  expect(slept.every((ms, index) => ms >= (slept[index - 1] ?? 0))).toBe(true);
  expect(Math.max(...slept)).toBeLessThanOrEqual(1500);
  const silent = waiting(["silent"], 60_000);
  await thrown(silent.result());
  expect(Math.max(...silent.clock.slept)).toBeLessThanOrEqual(200);
});

describe("when it gives up", () => {
  const rows: {
    name: string;
    script: (SshFailure | Error)[];
    kind: SshFailure;
    says: RegExp;
    within: [seconds: number, atMost: number];
  }[] = [
    {
      name: "never answered",
      script: ["silent"],
      kind: "silent",
      says: /never answered \(12 tries in/,
      within: [59, 60],
    },
    {
      name: "refused to the end",
      script: ["refused"],
      kind: "refused",
      says: /no SSH after \d+ tries/,
      within: [58, 60],
    },
    {
      name: "answered once, then silence",
      script: ["refused", "silent"],
      kind: "refused",
      says: /it was silent/,
      within: [54, 60],
    },
    {
      name: "no way there",
      script: ["unreachable"],
      kind: "unreachable",
      says: /it was unreachable/,
      within: [58, 60],
    },
    {
      name: "the key is refused for 30 s",
      script: ["refused", "auth"],
      kind: "auth",
      says: /it was auth/,
      within: [30, 33],
    },
    {
      name: "a wrong host key, at once",
      script: ["host-key"],
      kind: "host-key",
      says: /^it was host-key$/,
      within: [0, 1],
    },
    {
      name: "the proxy's no, at once",
      script: ["silent", "proxy"],
      kind: "proxy",
      says: /^it was proxy$/,
      within: [5, 6],
    },
  ];
  test.each(rows)("$name", async ({ script, kind, says, within }) => {
    const { result, clock, left } = waiting(script);
    const error = await thrown(result());
    expect(error).toBeInstanceOf(SshUnreachable);
    expect(error).toMatchObject({ kind, attempts: left.length, remedy: "mend it" });
    expect(error.lastError.kind).toBe(script.at(-1));
    expect(error.message).toMatch(says);
    expect(clock.now() / 1000).toBeGreaterThanOrEqual(within[0]);
    expect(clock.now() / 1000).toBeLessThanOrEqual(within[1]);
  });

  test("patience starts anew with each other failure", async () => {
    const { result, clock } = waiting(["auth", "refused", "auth"], 120_000);
    expect((await thrown(result())).kind).toBe("auth");
    expect(clock.now()).toBeGreaterThan(30_000);
  });
});

test("what is no matter of SSH is thrown as it is", async () => {
  for (const error of [new UserError("may not push"), new TypeError("a bug")]) {
    expect(await thrown(waiting(["refused", error]).result())).toBe(error);
  }
});

test("an abort ends it, in a try and in a pause", async () => {
  const pause = waiting(["refused"]);
  const inPause = waitForSsh({
    ...{ attempt: pause.attempt, clock: pause.clock, signal: pause.abort.signal, timeoutMs: 60_000 },
    onProgress: () => pause.abort.abort(new Error("stop")),
  });
  expect((await thrown(inPause)).message).toBe("stop");
  const aborting = waiting(["open"]);
  const inTry = waitForSsh({
    attempt: async () => {
      aborting.abort.abort(new Error("stop"));
      throw new SshError("refused", "whatever the abort broke");
    },
    clock: aborting.clock,
    signal: aborting.abort.signal,
    timeoutMs: 60_000,
  });
  expect((await thrown(inTry)).message).toBe("stop");
});
