import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { place } from "../support/program.ts";

/** Two at once, as processes of their own. */

const cli = place();
const { peerctl, start, calls, faults, folder } = cli;
const lockFile = join(folder, "peerctl.state.json.lock");

async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await pause(10);
}

test("the second waits as long as it is told to, says once for whom, and then does its work", async () => {
  await faults({ action: "CreateVpc", fault: "late", ms: 1500 });
  const first = start(["--lab", "create-vpcs"]);
  await until(() => existsSync(lockFile));
  const short = await peerctl("--lab", "--lock-timeout", "0.2", "peer");
  expect(short.code).toBe(1);
  const use = `the state file \\S+peerctl.state.json is in use by \`peerctl create-vpcs\`, process ${first.child.pid} on `;
  expect(short.stderr).toMatch(
    new RegExp(
      `^waiting, for 0.2 s at the most: ${use}\\S+, for \\d+ s\npeerctl: ${use}\\S+, for \\d+ s\n  wait until it is done, or stop it: kill ${first.child.pid}\n$`,
    ),
  );
  const second = start(["--lab", "peer"], { env: { PEERCTL_LOCK_TIMEOUT: "60" } });
  const { code, stderr } = await second.ended;
  expect((await first.ended).code).toBe(0);
  expect(code, stderr).toBe(0);
  expect(stderr.match(/waiting/g)).toEqual(["waiting"]);
  expect(stderr).toMatch(/^\+ peering\/vpc-1~vpc-2 /m);
  await faults();
});

test("a wait ends with Ctrl-C", async () => {
  await faults({ action: "DescribeVpcs", fault: "late", ms: 6000 });
  const seen = (await calls()).length;
  const first = start(["--lab", "create-vpcs"]);
  await until(async () => existsSync(lockFile) && (await calls()).length > seen);
  const second = start(["--lab", "--lock-timeout", "60", "peer"]);
  let said = "";
  second.child.stderr!.on("data", (text) => {
    said += text;
  });
  await until(() => said.includes("waiting"));
  second.child.kill("SIGINT");
  expect((await second.ended).code).toBe(130);
  first.child.kill("SIGKILL");
  await first.ended;
  await faults();
});

test("the lock names the subcommand alone: what is typed after it may be secret", async () => {
  const up = await peerctl("--lab", "up");
  expect(up.code, up.stderr).toBe(0);
  const holding = start(["--lab", "connect", "vpc-1", "--", "sleep", "3", "#", "-pSECRETpassword"]);
  await until(() => existsSync(lockFile) && readFileSync(lockFile, "utf8") !== "");
  const lock = readFileSync(lockFile, "utf8");
  const second = await peerctl("--lab", "open-icmp");
  holding.child.kill("SIGINT");
  await holding.ended;
  expect(JSON.parse(lock)).toMatchObject({ command: "peerctl connect", pid: holding.child.pid });
  expect(second.stderr).toContain("is in use by `peerctl connect`, process ");
  expect(lock + second.stderr).not.toContain("SECRET");
});
