import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import { chooseDataPlane } from "../../../../src/lab/data-plane/linux/choose.ts";
import { openHolder } from "../../../../src/lab/data-plane/linux/holder.ts";
import { type ProbeOptions, probe } from "../../../../src/lab/data-plane/linux/probe.ts";
import { program } from "../../../support/which.ts";
import { describeOnLinux } from "./on-linux.ts";

const parts = { clock: systemClock, seed: 1 };
const setting = () => undefined;
/** A folder that the plane's own user may go into. */
const openFolder = (within: string) => {
  const made = mkdtempSync(join(within, "peerctl-path-"));
  chmodSync(made, 0o755);
  return made;
};
const scripts = openFolder(tmpdir());
afterAll(() => rmSync(scripts, { recursive: true }));

/** A folder with a program that does as told. */
function shadow(name: string, script: string): string {
  const folder = openFolder(scripts);
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${folder}:${process.env.PATH}:/usr/sbin:/sbin`;
}

const opened = (path: string): ProbeOptions => ({ open: () => openHolder({ path }) });
const refusal = 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1';
const uidMap = 'echo "unshare: write failed /proc/self/uid_map: Operation not permitted" >&2; exit 1';
const forbids = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined);

const machines: { name: string; options: () => ProbeOptions; lacks: string | RegExp }[] = [
  { name: "another system", options: () => ({ platform: "darwin" }), lacks: "it needs Linux" },
  {
    name: "no namespaces",
    options: () => opened(shadow("unshare", refusal)),
    lacks: "unshare: unshare failed: Operation not permitted",
  },
  {
    name: "Ubuntu's AppArmor",
    options: () => ({
      ...opened(shadow("unshare", uidMap)),
      setting: forbids("kernel.apparmor_restrict_unprivileged_userns", "1"),
    }),
    lacks:
      "unshare: write failed /proc/self/uid_map: Operation not permitted (the system forbids it; it is allowed by: " +
      "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0)",
  },
  {
    name: "Debian's older way",
    options: () => ({
      ...opened(shadow("unshare", refusal)),
      setting: forbids("kernel.unprivileged_userns_clone", "0"),
    }),
    lacks: /sudo sysctl -w kernel\.unprivileged_userns_clone=1\)$/,
  },
  {
    name: "no unshare at all",
    options: () => opened("/nonexistent"),
    lacks: /unshare.*(not found|ENOENT)|ENOENT/,
  },
  {
    name: "namespaces that never come",
    options: () => ({ ...opened(shadow("unshare", "exec sleep 60")), limit: 100 }),
    lacks: "trying it took longer than 0.1 s",
  },
];

test.each(machines)("$name: the model, and why", async ({ options, lacks }) => {
  const given = { ...parts, setting, ...options() };
  const found = await probe(given);
  if (!("lacks" in found)) throw new Error("it has none");
  expect(found.lacks).toMatch(lacks);
  const plane = await chooseDataPlane("auto", given);
  if ("lacks" in plane) throw new Error("auto finds one");
  expect(plane.name).toBe("model");
  expect(plane.why?.()).toBe(`no real packets on this machine: ${found.lacks}`);
  expect(await chooseDataPlane("linux", given)).toEqual(found);
});

describeOnLinux("a machine that has namespaces", () => {
  /** Each program that a session or the plane needs, missing: all others are there by links. */
  const needed = ["nft", "ip", "ping", "setcap", "script", "stty", "hostname", "bash"];
  let folder: string;
  beforeAll(() => {
    folder = openFolder(scripts);
    for (const name of [...needed, ...others]) symlinkSync(program(name)!, join(folder, name));
  });
  const others = "sh unshare nsenter setpriv mount umount env cat cut grep sleep readlink mkdir rm tty".split(
    " ",
  );

  test.each(needed)("no %s", async (name) => {
    rmSync(join(folder, name));
    try {
      expect(await probe({ ...opened(folder), limit: 30_000 })).toEqual({
        lacks: `${name} is not installed`,
      });
    } finally {
      symlinkSync(program(name)!, join(folder, name));
    }
  });

  const broken = [
    {
      name: "nft",
      script: 'echo "netlink: Error: cache initialization failed: Operation not supported"; exit 1',
    },
    { name: "setcap", script: 'echo "Failed to set capabilities"; exit 1' },
  ];
  test.each(broken)("a $name that does not work here", async ({ name, script }) => {
    const found = await probe({ ...opened(shadow(name, script)), limit: 30_000, setting });
    const said = script.split('"')[1]!;
    expect(found).toEqual({ lacks: expect.stringContaining(said) });
  });

  test("its plane is the kernel's", async () => {
    const plane = await chooseDataPlane("auto", { ...parts, limit: 30_000 });
    if ("lacks" in plane) throw new Error(plane.lacks);
    expect(plane.name).toBe("linux");
    await plane.close();
  });
});
