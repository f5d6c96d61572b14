import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Address,
  address,
  addressOf,
  type Block,
  cidr,
  compare,
  contains,
  isCanonical,
  isVpcSize,
  overlaps,
  parseAddress,
  parseCidr,
  usableAddresses,
} from "../../src/net/cidr.ts";

const anyAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.nat(0xffffffff).map((value) => addressOf(4, value)),
  // Many zero groups, so that "::" is met at each place.
  fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }).map((groups) =>
    addressOf(
      6,
      groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n),
    ),
  ),
);
const anyBlock: fc.Arbitrary<Block> = anyAddress.chain((at) =>
  fc.nat(at.family === 4 ? 32 : 128).map((prefix) => cidr(`${at.text}/${prefix}`)),
);
/** Blocks that often meet: all within 10.0.0.0/24. */
const nearBlock = fc
  .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
  .map(([last, prefix]) => cidr(`10.0.0.${last}/${prefix}`));

/** The same run each time; more of them are a change of the seed away. */
const seeded = { seed: 20260101, numRuns: 300 };

describe("parseAddress", () => {
  it.each([
    ["10.1.0.10", "10.1.0.10"],
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:0db8:0:0:0:0:0:0001", "2001:db8::1"],
    ["::", "::"],
    ["1::", "1::"],
    ["::ffff:10.0.0.1", "::ffff:a00:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:0:2:3:0:0:4", "1::2:3:0:0:4"],
  ])("%s is %s", (text, canonical) => expect(parseAddress(text)?.text).toBe(canonical));

  it.each([
    "",
    "10.1.0",
    "10.1.0.0.0",
    "10.01.0.1",
    "10.1.0.256",
    "10.1.0.-1",
    "10.1.0.1 ",
    " 10.1.0.1",
    "0x0a.1.0.1",
    "10.1.0.1e0",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    ":1:2:3:4:5:6:7",
    ":::",
    "12345::",
    "g::",
    "10.0.0.1::",
    "::10.0.0.1:1",
    "fe80::1%eth0",
  ])("refuses %j", (text) => expect(parseAddress(text)).toBeUndefined());
});

describe("parseCidr", () => {
  it.each([
    ["10.1.2.3/16", "10.1.0.0/16"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["10.0.0.0/0", "0.0.0.0/0"],
    ["10.0.0.1/32", "10.0.0.1/32"],
    ["2001:db8:1:2::5/56", "2001:db8:1::/56"],
    ["::1/0", "::/0"],
  ])("%s is %s", (text, canonical) => expect(parseCidr(text)?.text).toBe(canonical));

  it.each([
    "10.1.0.0",
    "10.1.0.0/",
    "10.1.0.0/33",
    "10.1.0.0/016",
    "10.1.0.0/-1",
    "10.1.0.0/1 ",
    "/16",
    "::/129",
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeUndefined();
    expect(() => cidr(text)).toThrow(RangeError);
  });

  it("knows what is canonical", () => {
    expect(isCanonical("10.1.0.0/16")).toBe(true);
    expect(isCanonical("10.1.2.0/16")).toBe(false);
    expect(isCanonical("2001:DB8::/32")).toBe(false);
    expect(isCanonical("10.1.0.0")).toBe(false);
  });
});

it.each([
  ["10.0.0.0/15", false],
  ["10.0.0.0/16", true],
  ["10.0.0.0/28", true],
  ["10.0.0.0/29", false],
  ["2001:db8::/56", false],
])("the size of %s is EC2's: %s", (text, fits) => expect(isVpcSize(cidr(text))).toBe(fits));

it.each([
  ["10.1.0.0/24", "10.1.0.4", "10.1.0.254", 251],
  ["10.1.0.16/28", "10.1.0.20", "10.1.0.30", 11],
])("%s leaves %s to %s", (text, first, last, count) => {
  const usable = usableAddresses(cidr(text));
  expect([usable.first.text, usable.last.text, usable.count]).toEqual([first, last, count]);
});

describe("properties", () => {
  it("what is written is read back the same", () => {
    fc.assert(
      fc.property(anyAddress, anyBlock, (at, block) => {
        expect(address(at.text)).toEqual(at);
        expect(cidr(block.text)).toEqual(block);
      }),
      seeded,
    );
  });

  it("a block overlaps another exactly where one contains the other", () => {
    const pair = fc.oneof(fc.tuple(nearBlock, nearBlock), fc.tuple(anyBlock, anyBlock));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        expect(overlaps(a, b)).toBe(contains(a, b) || contains(b, a));
      }),
      seeded,
    );
  });

  it("containment is transitive, and reaches addresses", () => {
    fc.assert(
      fc.property(nearBlock, nearBlock, nearBlock, fc.nat(255), (a, b, c, last) => {
        const at = address(`10.0.0.${last}`);
        if (contains(a, b) && contains(b, c)) expect(contains(a, c)).toBe(true);
        if (contains(a, b) && contains(b, at)) expect(contains(a, at)).toBe(true);
        expect(contains(a, at)).toBe(contains(a, cidr(`${at.text}/32`)));
      }),
      seeded,
    );
  });

  it("compare is an order, and calls equal only what is the same block", () => {
    fc.assert(
      fc.property(nearBlock, anyBlock, nearBlock, (a, b, c) => {
        expect(Math.sign(compare(a, b))).toBe(0 - Math.sign(compare(b, a)));
        expect(compare(a, c) === 0).toBe(a.text === c.text);
        const sorted = [a, b, c].sort(compare);
        expect(compare(sorted[0] as Block, sorted[2] as Block)).toBeLessThanOrEqual(0);
      }),
      seeded,
    );
  });

  it("an address of one family is in no block of the other", () => {
    expect(contains(cidr("::/0"), address("10.0.0.1"))).toBe(false);
    expect(contains(cidr("0.0.0.0/0"), address("::a00:1"))).toBe(false);
  });
});
