import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openState } from "../../src/state/open.ts";
import { readState } from "../../src/state/read.ts";
import { writeAtomically } from "../../src/state/write.ts";
import { binding, create, handClock, temporaryFolder } from "./samples.ts";

async function opened(write = writeAtomically) {
  const path = join(await temporaryFolder(), "peerctl.state.json");
  const clock = handClock();
  const reopen = () => openState({ path, expect: binding, create, clock, write });
  return { path, clock, reopen, store: await reopen() };
}

test("the life of a resource, each change on the disk when it resolves", async () => {
  const { path, store } = await opened();
  const key = "instance/vpc-1";

  expect(await store.begin(key, "launch")).toBe(1);
  expect(store.intent(key)).toEqual({ step: "launch", at: "2026-01-02T03:04:05.000Z", generation: 1 });
  expect(await readState(path)).toEqual(store.state);

  await store.record(key, { id: "i-1", step: "launch", attributes: { interface: "eni-1" } });
  expect(store.intent(key)).toBeUndefined();
  await store.annotate(key, { address: "10.1.0.10" });
  await store.pinHostKey("i-1", "SHA256:abc");
  expect(store.get(key)).toEqual({
    id: "i-1",
    type: "instance",
    step: "launch",
    madeAt: "2026-01-02T03:04:05.000Z",
    attributes: { interface: "eni-1", address: "10.1.0.10" },
  });
  expect(await readState(path)).toEqual(store.state);

  await store.forget(key);
  expect(store.get(key)).toBeUndefined();
  expect(await readState(path)).toMatchObject({ resources: {}, intents: {}, hostKeys: {} });
  await store.close();
});

test("a generation goes up with each making, over forgetting and reopening, and an open intent keeps its own", async () => {
  const { store, reopen } = await opened();
  const key = "instance/vpc-1";
  expect(await store.begin(key, "launch")).toBe(1);
  await store.record(key, { id: "i-1", step: "launch", attributes: {} });
  await store.forget(key);
  expect(await store.begin(key, "launch")).toBe(2);
  await store.close();

  const again = await reopen();
  expect(again.intent(key)?.generation).toBe(2);
  expect(await again.begin(key, "launch")).toBe(2);
  await again.forget(key);
  expect(await again.begin(key, "launch")).toBe(3);
  await again.close();
});

test("what is gone is renewed in one change: forgotten, and begun under the next generation", async () => {
  const { path, store } = await opened();
  const key = "instance/vpc-1";
  await store.begin(key, "launch");
  await store.record(key, { id: "i-1", step: "launch", attributes: {} });
  await store.pinHostKey("i-1", "SHA256:abc");
  expect(await store.renew(key, "launch")).toBe(2);
  expect(await readState(path)).toMatchObject({
    resources: {},
    intents: { [key]: { generation: 2, step: "launch" } },
    generations: { [key]: 2 },
    hostKeys: {},
  });
  // An intent whose token is used up.
  expect(await store.renew(key, "launch")).toBe(3);
  expect(await store.begin(key, "launch")).toBe(3);
  await store.close();
});

test("what would lose an id is refused", async () => {
  const { store } = await opened();
  await store.record("vpc/vpc-1", { id: "vpc-a", step: "create-vpcs", attributes: {} });
  await expect(store.begin("vpc/vpc-1", "create-vpcs")).rejects.toThrow("vpc/vpc-1 is vpc-a: forget it");
  await expect(
    store.record("vpc/vpc-1", { id: "vpc-b", step: "create-vpcs", attributes: {} }),
  ).rejects.toThrow("vpc/vpc-1 is vpc-a: forget it");
  await expect(store.annotate("vpc/vpc-2", {})).rejects.toThrow("vpc/vpc-2 is not recorded");
  expect(store.get("vpc/vpc-1")?.id).toBe("vpc-a");
  await store.close();
});

test("a file that still knows of something is not removed, and its lock is given back", async () => {
  const { path, store } = await opened();
  await store.record("vpc/vpc-1", { id: "vpc-a", step: "create-vpcs", attributes: {} });
  await expect(store.destroy()).rejects.toThrow("still has vpc/vpc-1");
  expect(await readdir(join(path, ".."))).toEqual(["peerctl.state.json"]);
  expect((await readState(path))?.resources).toHaveProperty(["vpc/vpc-1"]);
  await expect(store.forget("vpc/vpc-1")).rejects.toThrow("is closed");
});

test("what is recorded again keeps the time of its making", async () => {
  const { store, clock } = await opened();
  await store.record("vpc/vpc-1", { id: "vpc-a", step: "create-vpcs", attributes: {} });
  await clock.sleep(60_000);
  await store.record("vpc/vpc-1", { id: "vpc-a", step: "create-vpcs", attributes: { zone: "a" } });
  expect(store.get("vpc/vpc-1")).toMatchObject({
    madeAt: "2026-01-02T03:04:05.000Z",
    attributes: { zone: "a" },
  });
  await store.close();
});

test("an empty stack's file is removed, and the lock with it; after that nothing can be changed", async () => {
  const { path, store } = await opened();
  await store.begin("vpc/vpc-1", "create-vpcs");
  await store.forget("vpc/vpc-1");
  await store.destroy();
  expect(await readdir(join(path, ".."))).toEqual([]);
  await expect(store.begin("vpc/vpc-1", "create-vpcs")).rejects.toThrow("is closed");
});

test("closing waits for what is being written, and closing twice is harmless", async () => {
  const { path, store } = await opened();
  const begun = store.begin("vpc/vpc-1", "create-vpcs");
  await store.close();
  expect((await readState(path))?.intents).toHaveProperty(["vpc/vpc-1"]);
  expect(await begun).toBe(1);
  await store.close();
});

test("changes that come while a write is under way share the next one", async () => {
  let writes = 0;
  const { path, store } = await opened(async (file, text) => {
    writes += 1;
    await writeAtomically(file, text);
  });
  writes = 0;
  const keys = Array.from({ length: 50 }, (_, index) => `subnet/vpc-${index}`);
  const first = store.begin("vpc/vpc-1", "create-vpcs");
  await Promise.resolve();
  const generations = await Promise.all([first, ...keys.map((key) => store.begin(key, "create-vpcs"))]);
  expect(generations.every((generation) => generation === 1)).toBe(true);
  expect(writes).toBe(2);
  expect(Object.keys((await readState(path))?.intents ?? {})).toEqual(["vpc/vpc-1", ...keys]);
  await store.close();
});

test("a disk that fails rejects the change and every later one, and the last good file stays", async () => {
  const { path, store, reopen } = await opened();
  await store.begin("vpc/vpc-1", "create-vpcs");
  const good = await readFile(path, "utf8");
  let broken = false;
  await store.close();

  const failing = await openState({
    path,
    expect: binding,
    clock: handClock(),
    write: (file, text) => (broken ? Promise.reject(new Error("ENOSPC")) : writeAtomically(file, text)),
  });
  broken = true;
  await expect(
    failing.record("vpc/vpc-1", { id: "vpc-a", step: "create-vpcs", attributes: {} }),
  ).rejects.toThrow("ENOSPC");
  broken = false;
  await expect(failing.begin("vpc/vpc-2", "create-vpcs")).rejects.toThrow("ENOSPC");
  await expect(failing.close()).rejects.toThrow("ENOSPC");
  expect(await readFile(path, "utf8")).toBe(good);

  const after = await reopen();
  expect(after.intent("vpc/vpc-1")?.generation).toBe(1);
  await after.close();
});

test("a folder that goes away under way is told with its cause", async () => {
  const { path, store } = await opened();
  await rm(join(path, ".."), { recursive: true });
  await expect(store.begin("vpc/vpc-1", "create-vpcs")).rejects.toThrow(
    `cannot write the state file ${path}: its folder does not exist`,
  );
  await expect(store.close()).rejects.toThrow("cannot write");
});

test("what a removal is about is written down, and goes from there when it is made anew or stays", async () => {
  const { path, clock, store } = await opened();
  const [vpc, subnet, group] = ["vpc/vpc-1", "subnet/vpc-1", "security-group/vpc-1"];
  for (const key of [vpc, subnet, group]) {
    await store.begin(key, "create-vpcs");
    await store.record(key, { id: `${key} 1`, step: "create-vpcs", attributes: {} });
  }
  await store.leave([vpc, subnet]);
  await store.leave([group]);
  expect(store.state.leaving).toEqual({ at: "2026-01-02T03:04:05.000Z", keys: [vpc, subnet, group] });
  expect(await readState(path)).toEqual(store.state);

  // The last one that went says how long ago that may be.
  await clock.sleep(60_000);
  await store.forget(subnet);
  expect(store.state.leaving?.at).toBe("2026-01-02T03:05:05.000Z");
  await store.stay([vpc]);
  expect(store.state.leaving?.keys).toEqual([subnet, group]);
  await store.begin(subnet, "create-vpcs");
  await store.record(subnet, { id: `${subnet} 2`, step: "create-vpcs", attributes: {} });
  expect(store.state.leaving?.keys).toEqual([group]);
  await store.stay([group]);
  expect(store.state.leaving).toBeUndefined();
  expect(await readState(path)).toEqual(store.state);
  await store.close();
});
