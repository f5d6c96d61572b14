import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import { expect, onTestFinished, test, vi } from "vitest";
import { peerctl } from "../crash/support/peerctl.ts";
import { openPlace } from "../crash/support/place.ts";

/** What must never be seen outside of memory. The lab takes any secret; this one is easy to find again. */
const secretKey = "SECRETwJalrXUtnFEMIbPxRfiCYEXAMPLEKEY";
const sessionToken = "TOKENFwoGZXIvYXdzEBYaDEXAMPLE";
const proxyPassword = "PASSWORDhunter2";
/** Of something else, typed after a subcommand. */
const typedPassword = "TYPEDhunter2";

const flowsIn = (folder: string): string[][] => [
  ["up", "--yes"],
  ["up", "--yes", "--json"],
  ["status"],
  ["status", "--json"],
  ["doctor"],
  ["doctor", "--verify", "--explain"],
  ["doctor", "--save", join(folder, "snapshot.json"), "--with-tags", "--with-accounts"],
  ["graph"],
  ["up", "--dry-run"],
  ["test-ping", "--count", "1", "--interval", "0.2"],
  ["connect", "vpc-1", "--", "ip", "route"],
  ["connect", "vpc-1", "--", "exit 3"],
  ["connect", "vpc-1", "--", `sleep 0.2 # -p${typedPassword}`],
  ["status", "--endpoint-url", `http://user:${typedPassword}@127.0.0.1:4566`],
  ["peer", "--decline"],
  ["create-vpcs", "--name", "another"],
  ["teardown", "peer", "--yes"],
  ["route"],
  ["recover", "--name", "nobody"],
  ["up", "--image", "ami-00000000000000000", "--name", "another"],
  ["down", "--dry-run"],
  ["down", "--yes", "--json"],
];

test("no flow shows a key, a credential or a password, with --verbose, in errors or in the state file", async () => {
  const place = await openPlace();
  onTestFinished(() => place.close());
  const { PEERCTL_LAB: _, ...env } = place.env;
  const url = new URL(place.lab.url);
  // As against AWS: credentials from the environment, and a proxy with a password.
  const outside = {
    ...place,
    env: {
      ...env,
      AWS_ENDPOINT_URL: url.origin,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "123456789012",
      AWS_SECRET_ACCESS_KEY: secretKey,
      AWS_SESSION_TOKEN: sessionToken,
      PEERCTL_SSH_PROXY: `http://user:${proxyPassword}@${url.host}`,
      PEERCTL_CALLER_IP_URL: `${url.origin}/_lab/caller-ip`,
    },
    lab: place.lab,
    statePath: place.statePath,
  };
  const before = { ...process.env };
  Object.assign(process.env, outside.env);
  onTestFinished(() => {
    process.env = before;
  });
  const seen = new Set<string>();
  const see = (texts: string[]) => texts.forEach((text) => void seen.add(text));
  let pinged = 0;
  // The keys of all connections, which live in memory only.
  const makeKey = vi.spyOn(ssh2.utils, "generateKeyPairSync");
  onTestFinished(() => makeKey.mockRestore());
  // Also of what is there for a moment only: the lock, and files that are not whole yet.
  let whileLocked = 0;
  const watching = setInterval(() => {
    if (!outside.files().some((name) => name.endsWith(".lock"))) return;
    const there = filesIn(outside.folder);
    if (there.some((text) => text.includes('"command":"peerctl connect"'))) whileLocked += 1;
    see(there);
  }, 20);
  onTestFinished(() => clearInterval(watching));
  for (const args of flowsIn(place.folder)) {
    const { stdout, stderr, code } = await peerctl(outside, ["--verbose", ...args]);
    if (args[0] === "test-ping") pinged = code;
    see([stdout, stderr]);
    if (outside.files().includes("peerctl.state.json")) {
      expect(statSync(outside.statePath).mode & 0o777).toBe(0o600);
    }
    see(filesIn(outside.folder));
  }
  await outside.faults([{ action: "*", fault: { code: "AuthFailure", message: "no", status: 401 } }]);
  const refused = await peerctl(outside, ["up", "--yes", "--verbose"]);
  expect(refused.code).toBe(1);
  see([refused.stdout, refused.stderr]);

  see([await (await fetch(`${url.origin}/_lab/log`)).text()]);

  const text = [...seen].join("\n");
  expect(pinged, text).toBe(0);
  expect(whileLocked).toBeGreaterThan(2);
  expect(text.length).toBeGreaterThan(10_000);
  const keys = makeKey.mock.results.map(({ value }) => (value as { private: string }).private);
  expect(keys.length).toBeGreaterThan(3);
  // In one piece, whatever it is wrapped in.
  const bodies = keys.map((each) => each.replace(/-----[^-]+-----|\s/g, "").slice(-60));
  const words = [
    secretKey,
    sessionToken,
    proxyPassword,
    typedPassword,
    "PRIVATE KEY",
    "AWS4-HMAC",
    "Signature=",
  ];
  for (const secret of [...words, ...bodies])
    expect(text.replace(/\s/g, "")).not.toContain(secret.replace(/\s/g, ""));
});

/** What stands in all files of a folder, but those that go away meanwhile. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .flatMap(({ parentPath, name }) => {
      try {
        return [readFileSync(join(parentPath, name), "utf8")];
      } catch {
        return [];
      }
    });
}
