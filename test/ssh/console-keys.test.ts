import { describe, expect, test } from "vitest";
import { consoleFingerprints } from "../../src/ssh/console-keys.ts";

const ed25519 = "SHA256:2RzhJSTuTCI+nvd/5FYAwb6ONqYZdR7bjkHDT1HIDAQ";
const ecdsa = "SHA256:j6MVr9FDztPgguKoVhpvk8jAVExHGX0su0g9YkZJ300";
const fingerprints = [
  "-----BEGIN SSH HOST KEY FINGERPRINTS-----",
  `256 ${ecdsa} root@ip-10-1-0-4 (ECDSA)`,
  `256 ${ed25519} root@ip-10-1-0-4 (ED25519)`,
  "-----END SSH HOST KEY FINGERPRINTS-----",
];
const keys = [
  "-----BEGIN SSH HOST KEY KEYS-----",
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKFdGjZwgyvLV6uZ3wQhJNQvKE2vOHEdasIGjR1e0LUh0UTSQxLqJHog14pHrwS4kE0kqty20IdotD/yd/RQm3U= root@ip-10-1-0-4",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHkjOk4aMOlZ698Q+ACVMmWr9ARwXDN8fD9Q+1IOBBjb root@ip-10-1-0-4",
  "-----END SSH HOST KEY KEYS-----",
];
const old = [
  "-----BEGIN SSH HOST KEY FINGERPRINTS-----",
  "256 SHA256:0000000000000000000000000000000000000000000 root@old (ED25519)",
  "-----END SSH HOST KEY FINGERPRINTS-----",
];
const boot = ["[    0.000000] Linux version 6.1.0", "Amazon Linux 2023"];
const behind = (prefix: string, lines: string[]) => lines.map((line) => prefix + line);

const rows: { name: string; lines: string[]; found: string[]; lineEnd?: string }[] = [
  { name: "nothing yet", lines: boot, found: [] },
  { name: "both blocks, each key once", lines: [...boot, ...fingerprints, ...keys], found: [ecdsa, ed25519] },
  { name: "only the keys", lines: keys, found: [ecdsa, ed25519] },
  { name: "carriage returns", lines: fingerprints, found: [ecdsa, ed25519], lineEnd: "\r\n" },
  { name: "ec2:", lines: behind("ec2: ", fingerprints), found: [ecdsa, ed25519] },
  {
    name: "cloud-init with a time",
    lines: behind("[   12.345678] cloud-init[1201]: ", keys),
    found: [ecdsa, ed25519],
  },
  {
    name: "syslog",
    lines: behind("<14>Mar  1 10:00:00 cloud-init: ", fingerprints),
    found: [ecdsa, ed25519],
  },
  {
    name: "a kernel line in between",
    lines: [...fingerprints.slice(0, 2), "[   13.1] random: crng init done", ...fingerprints.slice(2)],
    found: [ecdsa, ed25519],
  },
  { name: "the last of two boots", lines: [...old, ...boot, ...fingerprints], found: [ecdsa, ed25519] },
  { name: "a block that has no end yet", lines: fingerprints.slice(0, 3), found: [] },
  { name: "a block whose beginning has scrolled away", lines: fingerprints.slice(1), found: [] },
  {
    name: "MD5 fingerprints are no use",
    lines: [
      fingerprints[0]!,
      "2048 f1:40:a7:4e:0f:28:8d:12:21:59:f1:ff:03:5f:63:54 /etc/ssh (RSA)",
      fingerprints[3]!,
    ],
    found: [],
  },
  { name: "a damaged key", lines: [keys[0]!, "ssh-ed25519 AAAAC3NzaC1l root@x", keys[3]!], found: [] },
  { name: "a fingerprint outside the blocks", lines: [`user-data said ${ed25519}`], found: [] },
];

describe("what the console vouches for", () => {
  test.each(rows)("$name", ({ lines, found, lineEnd = "\n" }) => {
    const output = Buffer.from(lines.join(lineEnd) + lineEnd).toString("base64");
    expect(consoleFingerprints(output)).toEqual(found);
  });

  test("no output at all", () => {
    expect(consoleFingerprints(undefined)).toEqual([]);
  });
});
