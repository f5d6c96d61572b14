import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Ended, place } from "../support/program.ts";

const { peerctl, folder } = place();
const lab = (...args: string[]) => peerctl("--lab", ...args);

/** Ids and times differ from run to run: `i-...`, `0.5 ms`. */
const plain = (text: string) =>
  text
    .replace(/\b([a-z]+)-[0-9a-f]{17}\b/g, "$1-...")
    .replace(/203\.0\.113\.\d+/g, "203.0.113.x")
    .replace(/\d+(\.\d+)?( ms| s\b)/g, "N$2")
    .replace(/[\d.]+\/[\d.]+\/[\d.]+ ms|[\d.]+\/[\d.]+\/N ms/g, "N/N/N ms")
    .replace(/ +/g, " ");

const lines = (text: string) => plain(text).trimEnd().split("\n").sort();

function made({ code, stdout, stderr }: Ended): string[] {
  expect(stderr).not.toContain("\u001b");
  expect(code, stderr).toBe(0);
  expect(stdout).toBe("");
  return lines(stderr);
}

// One test a command: each builds on the one before, as a person goes through it.

test("create-vpcs", async () => {
  expect(made(await lab("create-vpcs"))).toEqual(
    [
      ...["1", "2"].flatMap((n) => [
        `+ vpc/vpc-${n} vpc-... made 10.${n}.0.0/16`,
        `+ subnet/vpc-${n} subnet-... made 10.${n}.0.0/24`,
        `+ internet-gateway/vpc-${n} igw-... made`,
        `+ attachment/vpc-${n} igw-... made to vpc-...`,
        `+ route-table/vpc-${n} rtb-... made`,
        `+ association/vpc-${n} rtbassoc-... made rtb-... with subnet-...`,
        `+ internet-route/vpc-${n} rtb-... made 0.0.0.0/0 -> igw-...`,
      ]),
      "made 14 (17 calls, N s)",
      "next: peerctl --lab peer",
    ].sort(),
  );
});

test("peer", async () => {
  expect(made(await lab("peer"))).toEqual([
    "+ acceptance/vpc-1~vpc-2 pcx-... made accepted",
    "+ peering/vpc-1~vpc-2 pcx-... made vpc-... asks vpc-...",
    expect.stringMatching(/^made 2 \(\d calls, N s\)$/),
    "next: peerctl --lab route",
  ]);
});

test("route", async () => {
  expect(made(await lab("route"))).toEqual([
    "+ route/vpc-1~vpc-2 rtb-... made 10.2.0.0/16 -> pcx-...",
    "+ route/vpc-2~vpc-1 rtb-... made 10.1.0.0/16 -> pcx-...",
    expect.stringMatching(/^made 2 /),
    "next: peerctl --lab launch",
  ]);
});

test("launch", async () => {
  expect(made(await lab("launch"))).toEqual([
    "+ instance/vpc-1 i-... made",
    "+ instance/vpc-2 i-... made",
    "+ security-group/vpc-1 sg-... made",
    "+ security-group/vpc-2 sg-... made",
    "+ ssh-rule/vpc-1 sg-... made tcp from 198.51.100.7/32",
    expect.stringMatching(/^made 5 /),
    "next: peerctl --lab eip",
  ]);
});

test("test-ping: the first of the tutorial's failures, no way in", async () => {
  const { code, stdout, stderr } = await lab("test-ping");
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(plain(stderr)).toMatch(
    /^x vpc-1 -> vpc-2: no SSH to i-\.\.\.: it has no public address\n {1}why: eni-\.\.\.[^\n]* has no public address[^\n]*\n(.*\n)* {1}fix: peerctl --lab eip\n/,
  );
});

test("eip", async () => {
  expect(made(await lab("eip"))).toEqual([
    "+ address-association/vpc-1 eipassoc-... made 203.0.113.x on eni-...",
    "+ address/vpc-1 eipalloc-... made",
    expect.stringMatching(/^made 2 \(4 calls, /),
    "next: peerctl --lab open-icmp",
  ]);
});

test("test-ping: the second of the tutorial's failures, instance 2's security group", async () => {
  const { code, stdout, stderr } = await lab("test-ping", "--count", "2", "--interval", "0.2");
  expect(code, stderr).toBe(2);
  expect(plain(stdout).trimEnd().split("\n")).toEqual([
    "vpc-1 -> vpc-2: i-... (10.1.0.4) pings i-... (10.2.0.4)",
    "vpc-1 -> vpc-2: 2 sent, 0 received, 100% loss",
  ]);
  expect(stderr).toMatch(/host key SHA256:\S+ of i-\w+, as its console says\n/);
  expect(stderr).toMatch(/x vpc-1 -> vpc-2: no reply\n {2}why: sg-\w+ \(vpc-2\): .*ICMP.*10\.1\.0\.4/);
  expect(stderr).toMatch(/\n {2}fix: peerctl --lab open-icmp\n/);
});

test("open-icmp", async () => {
  expect(made(await lab("open-icmp"))).toEqual([
    "+ icmp-rule/vpc-1~vpc-2 sg-... made icmp from 10.1.0.0/16",
    "made 1 (3 calls, N s)",
    "next: peerctl --lab test-ping, and in the end peerctl --lab down",
  ]);
});

test("test-ping: four replies, no loss", async () => {
  const { code, stdout, stderr } = await lab("test-ping", "--interval", "0.2");
  expect(code, stderr).toBe(0);
  expect(plain(stdout).trimEnd().split("\n")).toEqual([
    "vpc-1 -> vpc-2: i-... (10.1.0.4) pings i-... (10.2.0.4)",
    ...[1, 2, 3, 4].map((seq) => expect.stringMatching(new RegExp(`^ reply ${seq} N ms ttl 127$`))),
    expect.stringMatching(/^vpc-1 -> vpc-2: 4 sent, 4 received, 0% loss, min\/avg\/max \S+ ms$/),
  ]);
  expect(stderr).toContain("vpc-2 -> vpc-1: replies come back; a ping begun there is not open");
});

test("status", async () => {
  const { code, stdout } = await lab("status");
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split("\n");
  expect(rows).toHaveLength(26);
  for (const row of rows) expect(row).toMatch(/^\S+ +\S+ +live/);
});

test("connect runs a command, and passes its exit code on", async () => {
  const hostname = await lab("connect", "vpc-1", "--", "hostname");
  expect(hostname).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ip-10-1-0-4/) });
  const unknown = await lab("connect", "vpc-1", "--", "no-such-thing");
  expect(unknown.code).toBe(127);
  expect(unknown.stderr).toContain("no-such-thing: command not found");
  const exit = await lab("connect", "vpc-1", "--", "exit", "3");
  expect(exit.code).toBe(3);
  const nowhere = await lab("connect", "vpc-2", "--", "hostname");
  expect(nowhere.code).toBe(1);
  expect(plain(nowhere.stderr)).toContain("has no public address");
});

test("down, with the audit", async () => {
  const { code, stdout, stderr } = await lab("down");
  expect(code, stderr).toBe(0);
  expect(stdout).toBe("");
  const said = plain(stderr).trimEnd().split("\n");
  expect(said.filter((line) => / removed$/.test(line))).toHaveLength(14);
  expect(said.at(-1)).toMatch(
    /^removed 14, and what was part of them; audit of us-east-1: 0 left, 0 USD an hour \(\d+ calls\)$/,
  );
  expect(existsSync(join(folder, "peerctl.state.json"))).toBe(false);
  expect(await lab("status")).toMatchObject({
    code: 0,
    stdout: 'there is no stack "peerctl" here; make it: peerctl --lab up\n',
  });
});
