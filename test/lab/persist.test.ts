import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTagsCommand, CreateVpcCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { expect, onTestFinished, test } from "vitest";
import { saver, worldFrom, worldText } from "../../src/lab/persist.ts";
import { instant } from "../../src/lab/profile.ts";
import { createWorld, tablesOf } from "../../src/lab/world-store.ts";
import { ec2For, labForTest } from "./start.ts";

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "lab-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

test("a world comes back from its text whole: maps, dates, ids that go on", () => {
  const world = createWorld({ profile: instant, seed: 3, now: 5 });
  const tables = tablesOf(world, "123456789012", "us-east-1");
  tables.volumes.set("vol-1", { VolumeId: "vol-1", CreateTime: new Date(7) });
  world.due.push({ at: 9, account: "a", region: "r", kind: "vpc", id: "vpc-1", to: "available" });
  const back = worldFrom(worldText(world), { profile: instant });
  expect({ ...back, ids: back.ids.state }).toEqual({ ...world, ids: world.ids.state });
  expect(back.ids.make("vpc")).toBe(world.ids.make("vpc"));
});

test("what a call has answered survives the lab, without a word to it", async () => {
  const dir = await folder();
  const first = await labForTest({ dir });
  const { Vpc } = await ec2For(first).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const Resources = [Vpc?.VpcId ?? ""];
  await ec2For(first).send(new CreateTagsCommand({ Resources, Tags: [{ Key: "$map", Value: "$date" }] }));
  // Not stopped: as if it had been killed here.
  const second = await labForTest({ dir, seed: 99 });
  const { Vpcs } = await ec2For(second).send(new DescribeVpcsCommand({ VpcIds: Resources }));
  expect(Vpcs).toMatchObject([{ State: "available", Tags: [{ Key: "$map", Value: "$date" }] }]);
  const { Vpc: next } = await ec2For(second).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  expect(next?.VpcId).not.toBe(Vpc?.VpcId);
  expect(await readdir(dir)).toEqual(["lab.json"]);
});

test("a damaged file is an error that names it, and stays as it is", async () => {
  const dir = await folder();
  const path = join(dir, "lab.json");
  for (const text of ["", "{", "[]", "null", '{"version":2}', '{"version":1,"tables":{}}']) {
    await writeFile(path, text);
    await expect(labForTest({ dir })).rejects.toThrow(`the lab's file ${path} is damaged`);
    expect(await readFile(path, "utf8")).toBe(text);
  }
});

test("changes that come together share a write, and the last text is what stays", async () => {
  const path = join(await folder(), "deep", "file");
  let text = "";
  let writes = 0;
  const file = saver(path, () => {
    writes += 1;
    return text;
  });
  const saves = Array.from({ length: 50 }, (_, index) => {
    text = String(index);
    return file.save();
  });
  await Promise.all(saves);
  expect(await readFile(path, "utf8")).toBe("49");
  expect(writes).toBeLessThanOrEqual(2);
});

test("a write that fails is told to who waited for it, and the next one is tried", async () => {
  const dir = await folder();
  await writeFile(join(dir, "file"), "");
  const below = saver(join(dir, "file", "x"), () => "");
  await expect(below.save()).rejects.toThrow(/ENOTDIR|EEXIST/);
  await rm(join(dir, "file"));
  await expect(below.save()).resolves.toBeUndefined();
});
