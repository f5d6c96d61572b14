import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Holder, type System, type Whereabouts, whereIs } from "../../src/state/holder.ts";
import { type Kernel, wholeMachine } from "../../src/state/kernel.ts";

const machine = "a".repeat(32);
const onMachine: Kernel = { boot: "boot-1", pids: wholeMachine, machine };
const inContainer: Kernel = { boot: "boot-1", pids: "pid:[4026532178]", machine: null };

/** The system of the one who looks: process 7 runs there, and began at 70. */
const system = (change: Partial<System> = {}): System => ({
  host: "laptop",
  kernel: onMachine,
  runs: (pid) => pid === 7,
  startOf: (pid) => (pid === 7 ? "70" : undefined),
  ...change,
});

const holder = (change: Partial<Holder> = {}): Holder => ({
  nonce: randomUUID(),
  pid: 7,
  host: "laptop",
  kernel: onMachine,
  startedAt: "2026-01-02T03:04:05.000Z",
  processStart: "70",
  command: "peerctl up",
  ...change,
});

type Row = [what: string, holder: Partial<Holder>, system: Partial<System>, where: Whereabouts];

describe("on the machine that it ran on", () => {
  test.each<Row>([
    ["it runs", {}, {}, "here"],
    ["it has ended", { pid: 8 }, {}, "gone"],
    ["its id is another process's now", { processStart: "69" }, {}, "gone"],
    ["it has ended and is still shown", {}, { startOf: () => null }, "gone"],
    ["its user hides it", {}, { startOf: () => undefined }, "unclear"],
    ["nobody told it when it began", { processStart: null }, {}, "unclear"],
    ["nobody told it, and it has ended", { processStart: null, pid: 8 }, {}, "gone"],
    ["the host has another name now", { host: "laptop.example" }, {}, "here"],
  ])("%s", (_what, its, mine, where) => {
    expect(whereIs(holder(its), system(mine))).toBe(where);
  });
});

describe("its id means nothing here", () => {
  const other = { ...inContainer, pids: "pid:[4026532999]" };
  test.each<Row>([
    ["it runs in a container, seen from the machine", { kernel: inContainer }, {}, "elsewhere"],
    ["it runs on the machine, seen from a container", {}, { kernel: inContainer }, "elsewhere"],
    ["it runs in another container", { kernel: inContainer }, { kernel: other }, "elsewhere"],
    ["in this container, it is seen", { kernel: inContainer }, { kernel: inContainer }, "here"],
    ["it runs where there is no Linux", { kernel: null }, {}, "elsewhere"],
    ["it runs on Linux, and we do not", {}, { kernel: null }, "elsewhere"],
    ["it runs on another machine", { kernel: null, host: "desk" }, { kernel: null }, "elsewhere"],
  ])("%s", (_what, its, mine, where) => {
    // Whatever process has its id here.
    expect(whereIs(holder(its), system(mine))).toBe(where);
    const none = { ...mine, runs: () => false };
    expect(whereIs(holder(its), system(none))).toBe(where === "here" ? "gone" : where);
  });
});

describe("another boot is a restart only where it is surely of the same machine", () => {
  const before: Kernel = { ...onMachine, boot: "boot-0" };
  test.each<Row>([
    ["this machine was restarted", { kernel: before }, {}, "gone"],
    ["another machine", { kernel: { ...before, machine: "b".repeat(32) } }, {}, "elsewhere"],
    ["a copy of it with another name", { kernel: before, host: "copy" }, {}, "elsewhere"],
    ["a machine without an id", { kernel: { ...before, machine: null } }, {}, "elsewhere"],
    [
      "neither has an id",
      { kernel: { ...before, machine: null } },
      { kernel: { ...onMachine, machine: null } },
      "elsewhere",
    ],
    [
      "a container of the same image on another machine",
      { kernel: { ...inContainer, boot: "boot-0", machine } },
      { kernel: { ...inContainer, machine } },
      "elsewhere",
    ],
    [
      "the machine, seen from a container of the same name and id",
      { kernel: before },
      { kernel: { ...inContainer, machine } },
      "elsewhere",
    ],
  ])("%s", (_what, its, mine, where) => {
    expect(whereIs(holder(its), system(mine))).toBe(where);
  });
});

test("what the first peerctl wrote goes by the host's name", () => {
  const { kernel: _, ...first } = holder();
  expect(whereIs(first, system())).toBe("here");
  expect(whereIs({ ...first, processStart: "69" }, system())).toBe("gone");
  expect(whereIs({ ...first, pid: 8 }, system())).toBe("gone");
  expect(whereIs({ ...first, host: "desk" }, system())).toBe("elsewhere");
});
