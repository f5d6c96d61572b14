import { expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { makeBoard, typeOf } from "../../src/steps/board.ts";
import { makerOf, steps, withDependents } from "../../src/steps/index.ts";
import type { StepName } from "../../src/steps/step.ts";
import { together } from "../../src/steps/together.ts";

const record = (id: string) => ({ id, type: "vpc", step: "create-vpcs", madeAt: "", attributes: {} });

test("what is made in this run is waited for; what is not is as recorded, or an error that names its maker", async () => {
  const recorded = record("subnet-1");
  const board = makeBoard(
    new Set(["vpc"]),
    (key) => (key === "subnet/a" ? recorded : undefined),
    makerOf,
    new AbortController().signal,
  );
  expect(await board.need("subnet/a")).toBe(recorded);
  const missing = board.need("peering/a~b");
  await expect(missing).rejects.toBeInstanceOf(UserError);
  await expect(missing).rejects.toMatchObject({ remedy: "run: peerctl peer" });

  const made = record("vpc-1");
  const early = [board.need("vpc/a"), board.need("vpc/a")];
  board.provide("vpc/a", made);
  expect(await Promise.all([...early, board.need("vpc/a")])).toEqual([made, made, made]);
});

test("who waits wakes up when the run is aborted; who asks later is told at once", async () => {
  const controller = new AbortController();
  const board = makeBoard(new Set(["vpc"]), () => undefined, makerOf, controller.signal);
  const waiting = board.need("vpc/a");
  const cause = new Error("a step failed");
  controller.abort(cause);
  await expect(waiting).rejects.toBe(cause);
  await expect(board.need("vpc/b")).rejects.toBe(cause);
});

test("every type of key has one maker", () => {
  const types = steps.flatMap(({ makes }) => makes);
  expect(new Set(types).size).toBe(types.length);
  for (const step of steps) for (const type of step.makes) expect(makerOf(type)).toBe(step.name);
  expect(() => makerOf("nonsense")).toThrow("no step makes nonsense");
  expect(typeOf("route/a~b")).toBe("route");
});

test.each<[StepName[], StepName[]]>([
  [["open-icmp"], ["open-icmp"]],
  [["eip"], ["eip"]],
  [["peer"], ["peer", "route"]],
  [["launch"], ["launch", "eip", "open-icmp"]],
  [["create-vpcs"], ["create-vpcs", "peer", "route", "launch", "eip", "open-icmp"]],
  [
    ["route", "eip"],
    ["route", "eip"],
  ],
])("undoing %j takes %j", (names, all) => {
  expect(withDependents(names).map(({ name }) => name)).toEqual(all);
});

test("together: the first failure is the run's, and all work has ended when it is thrown", async () => {
  const causes: unknown[] = [];
  let ended = false;
  const first = new Error("first");
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => {
    ended = true;
    throw new Error("second");
  });
  const run = { abort: (cause: unknown) => causes.push(cause) };
  await expect(together(run, slow, Promise.reject(first), Promise.resolve())).rejects.toBe(first);
  expect(ended).toBe(true);
  expect(causes).toEqual([first]);
});

test("together: what only blocks a part gives way to what ends all of it", async () => {
  const [blocked, fatal] = [new Error("blocked"), new Error("fatal")];
  const causes: unknown[] = [];
  const run = {
    abort: (cause: unknown) => void causes.push(cause),
    isBlocked: (cause: unknown) => cause === blocked,
  };
  await expect(together(run, Promise.reject(blocked), Promise.reject(fatal))).rejects.toBe(fatal);
  expect(causes).toEqual([blocked, fatal]);
  await expect(together(run, Promise.reject(blocked), Promise.resolve())).rejects.toBe(blocked);
});
