import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import type { DataPlane } from "../../../src/lab/data-plane/data-plane.ts";
import { deferredDataPlane } from "../../../src/lab/data-plane/deferred.ts";
import { tutorialWorld } from "./tutorial-world.ts";

const target = { host: "203.0.113.10", port: 22 };
const world = tutorialWorld(0);

function chosenLater() {
  let settle: { found(plane: DataPlane): void; failed(error: Error): void };
  let signal: AbortSignal;
  const deferred = deferredDataPlane((given) => {
    signal = given;
    return new Promise((found, failed) => {
      settle = { found, failed };
    });
  });
  const plane = {
    name: "model",
    why: () => "for a reason",
    apply: vi.fn(),
    connect: vi.fn(),
    close: vi.fn(),
  } as const;
  return { deferred, plane, signal: signal!, settle: settle! };
}

test("tables, connections and questions wait until a plane is chosen", async () => {
  const { deferred, plane, settle } = chosenLater();
  expect(deferred.name).toBe("undecided");
  deferred.apply(tutorialWorld(1));
  deferred.apply(world);
  const socket = new PassThrough();
  deferred.connect(world, target, socket, Buffer.from("head"));
  const asked = deferred.sight!.startTrace("10.1.0.4", "10.2.0.4");
  settle.found(plane);
  await expect(asked).rejects.toThrow("packets are not real here");
  expect(plane.apply.mock.calls).toEqual([[world]]);
  expect(plane.connect.mock.calls).toEqual([[world, target, socket, Buffer.from("head")]]);
  expect(deferred).toMatchObject({ name: "model", sight: undefined });
  expect(deferred.why?.()).toBe("for a reason");
  deferred.apply(world);
  expect(plane.apply).toHaveBeenCalledTimes(2);
});

test("closed before: the choice is told to end, and its plane ends too", async () => {
  const { deferred, plane, settle, signal } = chosenLater();
  deferred.apply(world);
  const closed = deferred.close();
  expect(signal.aborted).toBe(true);
  settle.found(plane);
  await closed;
  expect(plane.apply).not.toHaveBeenCalled();
  expect(plane.close).toHaveBeenCalledOnce();
});

test("a choice that fails is told to whoever connects", async () => {
  const { deferred, settle } = chosenLater();
  const socket = new PassThrough();
  const said = vi.spyOn(socket, "end");
  deferred.connect(world, target, socket, Buffer.alloc(0));
  settle.failed(new Error("no way"));
  await vi.waitFor(() => expect(said.mock.calls[0]?.[0]).toMatch(/^HTTP\/1.1 502 .*no way/s));
});
