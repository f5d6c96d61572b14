import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, cidr } from "../../src/net/cidr.ts";
import { compileTable, matchRoute, tablesBySubnet } from "../../src/net/routes.ts";
import type { PrefixList, Route, RouteTable } from "../../src/net/types.ts";

const to = (destination: string, id: string, rest: Partial<Route> = {}): Route => ({
  destination,
  target: { kind: "other", id },
  state: "active",
  ...rest,
});
const table = (routes: Route[]): RouteTable => ({
  id: "rtb-1",
  vpc: "vpc-1",
  main: true,
  subnets: [],
  routes,
});
const lists = new Map<string, PrefixList>([["pl-1", { id: "pl-1", cidrs: ["10.2.0.0/16", "10.3.0.0/24"] }]]);

describe("matchRoute", () => {
  const rows: [name: string, routes: Route[], destination: string, target: string | undefined][] = [
    [
      "the longest prefix wins",
      [to("0.0.0.0/0", "a"), to("10.2.0.0/16", "b"), to("10.2.3.0/24", "c")],
      "10.2.3.4",
      "c",
    ],
    ["whatever the order", [to("10.2.3.0/24", "c"), to("10.2.0.0/16", "b")], "10.2.4.4", "b"],
    [
      "a blackhole wins too",
      [to("0.0.0.0/0", "a"), to("10.2.0.0/16", "b", { state: "blackhole" })],
      "10.2.0.1",
      "b",
    ],
    ["families do not mix", [to("::/0", "a")], "10.2.0.1", undefined],
    ["IPv6", [to("::/0", "a"), to("2001:db8::/32", "b")], "2001:db8::1", "b"],
    ["a prefix list's entry matches", [to("0.0.0.0/0", "a"), to("pl-1", "b")], "10.3.0.9", "b"],
    ["and not beyond", [to("0.0.0.0/0", "a"), to("pl-1", "b")], "10.3.1.9", "a"],
    [
      "a static route before a prefix list of the same length",
      [to("pl-1", "b"), to("10.2.0.0/16", "a")],
      "10.2.0.1",
      "a",
    ],
    [
      "a more specific prefix list before a static route",
      [to("pl-1", "b"), to("10.0.0.0/8", "a")],
      "10.2.0.1",
      "b",
    ],
    [
      "static before propagated",
      [to("10.2.0.0/16", "b", { propagated: true }), to("10.2.0.0/16", "a")],
      "10.2.0.1",
      "a",
    ],
    [
      "a prefix list before propagated",
      [to("10.2.0.0/16", "a", { propagated: true }), to("pl-1", "b")],
      "10.2.0.1",
      "b",
    ],
    ["an unknown prefix list matches nothing", [to("pl-9", "b")], "10.2.0.1", undefined],
  ];
  it.each(rows)("%s", (_name, routes, destination, target) => {
    const found = matchRoute(compileTable(table(routes), lists), addressFrom(destination));
    expect(found?.route.target.id).toBe(target);
  });

  it("finds what a naive search over all routes finds", () => {
    const block = fc
      .tuple(fc.nat(0xffff), fc.nat(32))
      .map(([low, prefix]) => cidr(`${addressOf(4, 0x0a000000 + low * 251).text}/${prefix}`).text);
    const blocks = fc.uniqueArray(block, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(blocks, fc.nat(0xffff), (destinations, low) => {
        const wanted = 0x0a000000 + low * 251;
        const bits = (value: number) => value.toString(2).padStart(32, "0");
        const longest = destinations
          .map((text) => ({ text, prefix: Number(text.split("/")[1]) }))
          .filter(({ text, prefix }) => {
            const [a = 0, b = 0, c = 0, d = 0] = (text.split("/")[0] ?? "").split(".").map(Number);
            const first = ((a * 256 + b) * 256 + c) * 256 + d;
            return bits(first).slice(0, prefix) === bits(wanted).slice(0, prefix);
          })
          .sort((one, other) => other.prefix - one.prefix)[0];
        const compiled = compileTable(table(destinations.map((text) => to(text, text))), lists);
        expect(matchRoute(compiled, addressOf(4, wanted))?.route.destination).toBe(longest?.text);
      }),
      { seed: 20260101, numRuns: 300 },
    );
  });

  const addressFrom = (text: string) => {
    const { family, first } = cidr(`${text}/${text.includes(":") ? 128 : 32}`);
    return addressOf(family, first);
  };
});

it("a subnet has the table associated with it, else its VPC's main one", () => {
  const main = { ...table([]), id: "rtb-main" };
  const own = { ...table([]), id: "rtb-own", main: false, subnets: ["subnet-a"] };
  const compiled = new Map([main, own].map((each) => [each.id, compileTable(each, lists)]));
  const subnet = (id: string, vpc: string) => ({ id, vpc, cidrs: [], zone: "" });
  const subnets = [subnet("subnet-a", "vpc-1"), subnet("subnet-b", "vpc-1"), subnet("subnet-c", "vpc-2")];
  const found = tablesBySubnet(subnets, [main, own], compiled);
  expect([...found].map(([id, { id: tableId }]) => [id, tableId])).toEqual([
    ["subnet-a", "rtb-own"],
    ["subnet-b", "rtb-main"],
  ]);
});
