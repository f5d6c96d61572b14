import { expect, test } from "vitest";
import { bestOffer, wantedTypes } from "../../src/aws/instance-types.ts";
import { clientToken } from "../../src/aws/token.ts";

const offers = [
  { type: "t2.micro", zone: "us-east-1a" },
  { type: "t2.micro", zone: "us-east-1e" },
  { type: "t3.micro", zone: "us-east-1b" },
  { type: "t3.micro", zone: "us-east-1c" },
] as const;

test.each<[string, string | undefined, string | undefined, object | undefined]>([
  [
    "the best type, in the first zone that has it",
    undefined,
    undefined,
    { type: "t3.micro", zone: "us-east-1b" },
  ],
  ["in a given zone, what that zone has", undefined, "us-east-1e", { type: "t2.micro", zone: "us-east-1e" }],
  ["only the type that was asked for", "t2.micro", undefined, { type: "t2.micro", zone: "us-east-1a" }],
  ["none, where the zone has none", undefined, "us-east-1f", undefined],
  ["none, where nobody has what was asked for", "m7i.large", undefined, undefined],
])("%s", (_what, asked, zone, expected) => {
  expect(bestOffer(offers, wantedTypes(asked), zone)).toEqual(expected);
});

test("a client token is the same for the same try, another for any other, and as long as EC2 takes", () => {
  const token = clientToken("uuid", "instance/vpc-1", 1);
  expect(clientToken("uuid", "instance/vpc-1", 1)).toBe(token);
  const others = [
    clientToken("uuid", "instance/vpc-1", 2),
    clientToken("uuid", "instance/vpc-2", 1),
    clientToken("other", "instance/vpc-1", 1),
  ];
  expect(new Set([token, ...others]).size).toBe(4);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
});
