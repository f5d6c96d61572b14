import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { place } from "../support/program.ts";

const { peerctl, start, folder } = place({ withLab: false });
afterEach(() => peerctl("lab", "stop"));

/** The program on a machine whose `unshare` does as told. */
function machine(name: string, script: string) {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, "unshare"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  for (const each of [folder, bin]) chmodSync(each, 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}` };
  return (...args: string[]) => start(args, { env }).ended;
}

const why = "unshare: unshare failed: Operation not permitted";
const refusing = `echo "${why}" >&2; exit 1`;

test("a machine without namespaces: the model, and lab status says why", async () => {
  const there = machine("without", refusing);
  const started = await there("lab", "start", "--port", "0");
  expect(started, started.stderr).toMatchObject({ code: 0 });
  const said = `data plane model: no real packets on this machine: ${why}`;
  expect(started.stdout).toContain(said);
  expect((await there("lab", "status")).stdout).toContain(said);
  expect(JSON.parse((await there("lab", "status", "--json")).stdout)).toMatchObject({
    dataPlane: "model",
    dataPlaneWhy: expect.stringContaining(why),
  });
});

test("where real packets are asked for and cannot be had, the start fails and says why", async () => {
  const there = machine("asked", refusing);
  const expected = { code: 1, stdout: "" };
  const behind = await there("lab", "start", "--port", "0", "--data-plane", "linux");
  expect(behind).toMatchObject(expected);
  expect(behind.stderr).toContain(
    `peerctl: the lab did not start: no Linux data plane here: ${why}\n  use: --data-plane auto\n`,
  );
  const before = await there("lab", "start", "--port", "0", "--data-plane", "linux", "--foreground");
  expect(before).toMatchObject(expected);
  expect(before.stderr).toContain(`peerctl: no Linux data plane here: ${why}\n  use: --data-plane auto\n`);
  expect((await there("lab", "status")).stdout).toContain("no lab is running");
});

test("the lab answers and stops while its machine is being tried", async () => {
  const there = machine("slow", "exec sleep 60");
  expect(await there("--lab", "--json", "status")).toMatchObject({ code: 0 });
  const { stdout } = await there("lab", "env");
  const url = /AWS_ENDPOINT_URL=(\S+)/.exec(stdout)![1]!;
  const health = (await (await fetch(new URL("/_lab/health", url))).json()) as Record<string, unknown>;
  // In three seconds it will have been decided; a very busy machine may be there already.
  expect(["undecided", "model"]).toContain(health.dataPlane);
  expect(await there("lab", "stop")).toMatchObject({ code: 0 });
});
