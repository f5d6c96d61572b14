import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { UserError } from "../../src/errors.ts";
import { pingCommand } from "../../src/ssh/ping.ts";

const usual = { address: "10.2.0.4", count: 4, intervalSeconds: 1, size: 56 };

test.each([
  { change: {}, command: "ping -n -c 4 -i 1 -s 56 -W 2 10.2.0.4" },
  { change: { intervalSeconds: 0.2, size: 0 }, command: "ping -n -c 4 -i 0.2 -s 0 -W 2 10.2.0.4" },
  { change: { address: "2001:db8::4" }, command: "ping -n -c 4 -i 1 -s 56 -W 2 2001:db8::4" },
])("$command", ({ change, command }) => {
  expect(pingCommand({ ...usual, ...change })).toBe(command);
  const words = execFileSync("sh", ["-c", `for word in ${command}; do printf "%s\\n" "$word"; done`], {
    encoding: "utf8",
  });
  expect(words.trim().split("\n")).toEqual(command.split(" "));
});

test.each([
  { change: { address: "10.2.0.4; reboot" }, says: "is not an IP address" },
  { change: { address: "fe80::1%eth0" }, says: "is not an IP address" },
  { change: { address: "" }, says: "is not an IP address" },
  { change: { count: 0 }, says: "--count 0" },
  { change: { count: 1.5 }, says: "--count 1.5" },
  { change: { count: Number.NaN }, says: "--count NaN" },
  { change: { count: 1e9 }, says: "--count 1000000000" },
  { change: { intervalSeconds: 0.1 }, says: "--interval 0.1" },
  { change: { intervalSeconds: Number.NaN }, says: "--interval NaN" },
  { change: { intervalSeconds: Infinity }, says: "--interval Infinity" },
  { change: { size: -1 }, says: "--size -1" },
  { change: { size: 65_508 }, says: "--size 65508" },
])("refused: $change", ({ change, says }) => {
  const build = () => pingCommand({ ...usual, ...change });
  expect(build).toThrow(UserError);
  expect(build).toThrow(says);
});
