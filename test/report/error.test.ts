import { expect, test } from "vitest";
import { StepError, UserError } from "../../src/errors.ts";
import { hourlyCost, usd } from "../../src/report/cost.ts";
import { formatError } from "../../src/report/error.ts";
import { table } from "../../src/report/table.ts";
import { plural } from "../../src/report/words.ts";
import { brokenConnection, serviceError } from "../support/service-error.ts";

const goOn = "mend that, then run the same command again: it goes on from here";

test.each<[string, unknown, string[]]>([
  [
    "a person's mistake",
    new UserError("there is no vpc/vpc-1 yet", "run: peerctl create-vpcs"),
    ["peerctl: there is no vpc/vpc-1 yet", "  run: peerctl create-vpcs"],
  ],
  [
    "AWS's no to a step",
    new StepError("eip", "address/vpc-1", serviceError("AddressLimitExceeded", 400, "No more."), goOn),
    ["peerctl: eip failed on address/vpc-1: AddressLimitExceeded: No more.", `  ${goOn}`],
  ],
  [
    "the innermost remedy is the nearest",
    new StepError(
      "launch",
      "instance/vpc-1",
      new UserError("no such type", "name one with --instance-type"),
      goOn,
    ),
    ["peerctl: launch failed on instance/vpc-1: no such type", "  name one with --instance-type"],
  ],
  ["a broken connection says what broke", brokenConnection(), ["peerctl: read ECONNRESET"]],
  ["anything", "text", ["peerctl: text"]],
])("%s", (_what, error, lines) => {
  expect(formatError(error, false).split("\n")).toEqual(lines);
});

test("a stack trace only where it is asked for", () => {
  const error = new UserError("it is wrong", "mend it");
  expect(formatError(error, false)).not.toContain("    at ");
  expect(formatError(error, true)).toContain("    at ");
});

test("columns, words and money", () => {
  expect(
    table([
      ["a", "bb", ""],
      ["ccc", "d", "e"],
    ]),
  ).toBe("a    bb\nccc  d   e");
  expect(table([])).toBe("");
  expect([plural(0, "call"), plural(1, "call"), plural(2, "call")]).toEqual(["0 calls", "1 call", "2 calls"]);
  expect(usd(hourlyCost({ instances: 0, addresses: 0 }))).toBe("0 USD");
  expect(usd(hourlyCost({ instances: 0, addresses: 2 }))).toBe("0.010 USD");
  // Two t3.micro with 8 GiB each, and an address: a day is well under a dollar.
  expect(24 * hourlyCost({ instances: 2, addresses: 1 })).toBeCloseTo(0.661, 2);
});
