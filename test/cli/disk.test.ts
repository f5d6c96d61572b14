import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EC2 } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import type { State } from "../../src/state/schema.ts";
import { place } from "../support/program.ts";

/** Real disks, in a mount namespace of their own: one that fills up under way, and one that is read-only. */

const cli = place();
const bin = fileURLToPath(new URL("../../bin/peerctl.js", import.meta.url));
const mayMount =
  process.platform === "linux" &&
  spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;
if (!mayMount)
  console.log("test/cli/disk.test.ts: skipped, this machine lets nobody mount (unshare --mount)");

/** Runs peerctl with its state on a tmpfs with these options; what the state file holds in the end is in `kept`. */
function onDisk(options: string, ...args: string[]) {
  const disk = join(cli.folder, "disk");
  const kept = join(cli.folder, "kept.json");
  mkdirSync(disk, { recursive: true });
  const script = `mount -t tmpfs -o ${options} none "$1"; shift
node "$@"; code=$?
cp "$STATE" "$KEPT" 2>/dev/null
exit $code`;
  const state = join(disk, "peerctl.state.json");
  const { status, stderr } = spawnSync(
    "unshare",
    ["--mount", "sh", "-c", script, "sh", disk, bin, "--lab", "--state", state, ...args],
    {
      cwd: cli.folder,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        HOME: cli.folder,
        PEERCTL_LAB_DIR: join(cli.folder, "lab"),
        STATE: state,
        KEPT: kept,
      },
    },
  );
  return { status, stderr, kept, state };
}

const changes = async () => (await cli.calls()).filter(({ action }) => !isRead(action));

test.runIf(mayMount)(
  "a disk that fills up: it stops before the next create, and knows all that it made",
  async () => {
    const { status, stderr, kept, state } = onDisk("size=12k", "up");
    expect(status, stderr).toBe(1);
    expect(stderr).toContain(`cannot write the state file ${state}: the disk is full`);
    const { resources, intents } = JSON.parse(readFileSync(kept, "utf8")) as State;
    const ec2 = new EC2({
      endpoint: cli.url,
      region: "us-east-1",
      credentials: { accessKeyId: "123456789012", secretAccessKey: "lab" },
    });
    const { Tags } = await ec2.describeTags({ Filters: [{ Name: "key", Values: ["peerctl:key"] }] });
    ec2.destroy();
    const keys = Tags!.map(({ Value }) => Value!);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !(key in resources || key in intents))).toEqual([]);
    const down = await cli.peerctl("--lab", "--state", kept, "down", "--json");
    expect(down.code, down.stderr).toBe(0);
    expect(JSON.parse(down.stdout)).toMatchObject({ audit: { left: [] } });
  },
);

test.runIf(mayMount)("a disk that is read-only: nothing is asked of AWS that changes it", async () => {
  await cli.clearCalls();
  const { status, stderr, state } = onDisk("ro", "up");
  expect(status, stderr).toBe(1);
  expect(stderr).toContain(`cannot write the state file ${state}: the disk is read-only`);
  expect(stderr).toContain("--state FILE");
  expect(await changes()).toEqual([]);
});
