import { describe, expect, test } from "vitest";
import { fingerprint, hostKeyVerifier } from "../../src/ssh/host-keys.ts";

const key = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIJ0aZ+7ucH8yWbl+eAkmoIIS9RmIETwTG2LiDQyyW0Ca", "base64");
const other = Buffer.from("another key");
const shown = fingerprint(key);

test("the fingerprint is OpenSSH's", () => {
  // ssh-keygen -lf on the line `ssh-ed25519 <the base64 above>`
  expect(shown).toBe("SHA256:xFNWNAhCHodF9KctzgXOZVI+XwV5Ef+0hZG/tCPhqpM");
});

describe("which host is trusted", () => {
  const rows: {
    name: string;
    pinned: Buffer[];
    recorded?: Buffer;
    records?: "console" | "first-use";
    refuses?: string;
  }[] = [
    { name: "never seen: trusted and recorded", pinned: [], records: "first-use" },
    { name: "as recorded", pinned: [], recorded: key },
    { name: "changed", pinned: [], recorded: other, refuses: `it was ${fingerprint(other)} before` },
    { name: "in the console", pinned: [other, key], records: "console" },
    { name: "in the console and recorded", pinned: [key], recorded: key },
    { name: "the console outweighs the record", pinned: [key], recorded: other, records: "console" },
    { name: "not in the console", pinned: [other], refuses: "console output says" },
    {
      name: "recorded, but not in the console",
      pinned: [other],
      recorded: key,
      refuses: "console output says",
    },
  ];
  test.each(rows)("$name", async ({ pinned, recorded, records, refuses }) => {
    const calls: string[][] = [];
    const verify = hostKeyVerifier({
      host: "i-1",
      pinned: pinned.map(fingerprint),
      recorded: recorded && fingerprint(recorded),
      onFirstUse: (...call) => void calls.push(call),
    });
    const verdict = Promise.resolve().then(() => verify(key));
    if (refuses) {
      await expect(verdict).rejects.toMatchObject({
        kind: "host-key",
        message: expect.stringContaining(refuses),
        remedy: expect.stringContaining("do not connect"),
      });
    } else await expect(verdict).resolves.toBeUndefined();
    expect(calls).toEqual(records ? [[shown, records]] : []);
  });
});
