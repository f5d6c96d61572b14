import { describe, expect, it } from "vitest";
import { reach } from "../../src/net/reach.ts";
import type { Probe } from "../../src/net/types.ts";
import { eni, from, internet, peering } from "./rows.ts";
import { addInstance, find, ping12, sample, ssh1, unroute } from "./sample.ts";

describe("the trace", () => {
  it("goes hop by hop, there and back, each with its evidence", () => {
    const { hops } = reach(sample(), ping12);
    const lines = hops.map(({ leg, kind, id, direction = "", rule = "" }) =>
      [leg, kind, id, direction, rule].join(" "),
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "forward instance i-1  ",
        "forward interface eni-1  ",
        "forward security-group sg-1 egress all traffic to 0.0.0.0/0",
        "forward network-acl acl-1 egress rule 100 allow all traffic to 0.0.0.0/0",
        "forward route-table rtb-1  10.2.0.0/16 -> pcx-12 (active)",
        "forward peering pcx-12  vpc-1 -> vpc-2 (active)",
        "forward network-acl acl-2 ingress rule 100 allow all traffic from 0.0.0.0/0",
        "forward security-group sg-2 ingress icmp type 8 from 10.1.0.0/16",
        "forward interface eni-2  ",
        "forward instance i-2  ",
        "return security-group sg-2 egress ",
        "return network-acl acl-2 egress rule 100 allow all traffic to 0.0.0.0/0",
        "return route-table rtb-2  10.1.0.0/16 -> pcx-12 (active)",
        "return peering pcx-12  vpc-1 -> vpc-2 (active)",
        "return network-acl acl-1 ingress rule 100 allow all traffic from 0.0.0.0/0",
        "return security-group sg-1 ingress ",
        "return interface eni-1  ",
      ]
    `);
  });

  it("shows what the gateway translates", () => {
    const { hops } = reach(sample(), ssh1);
    const passed = hops.map(
      ({ leg, kind, source, destination }) => `${leg} ${kind} ${source} > ${destination}`,
    );
    expect(passed).toMatchInlineSnapshot(`
      [
        "forward internet-gateway 198.51.100.7 > 203.0.113.10",
        "forward network-acl 198.51.100.7 > 10.1.0.10",
        "forward security-group 198.51.100.7 > 10.1.0.10",
        "forward interface 198.51.100.7 > 10.1.0.10",
        "forward instance 198.51.100.7 > 10.1.0.10",
        "return security-group 10.1.0.10 > 198.51.100.7",
        "return network-acl 10.1.0.10 > 198.51.100.7",
        "return route-table 10.1.0.10 > 198.51.100.7",
        "return internet-gateway 10.1.0.10 > 198.51.100.7",
      ]
    `);
  });

  it("names the peering that a missing route should lead to", () => {
    const s = sample();
    unroute(s, 1, "10.2.0.0/16");
    unroute(s, 2, "0.0.0.0/0");
    expect(reach(s, ping12).blockers.map(({ wanted }) => wanted)).toEqual(["pcx-12"]);
    const out: Probe = { from: from("eni-2"), to: internet("192.0.2.1"), protocol: "icmp" };
    expect(reach(s, out).blockers[0]).toMatchObject({ code: "no-route", wanted: "igw-2" });
  });

  it("says that overlapping blocks are why a peering failed", () => {
    const s = sample();
    for (const vpc of s.vpcs) vpc.cidrs.push("10.7.0.0/16");
    peering(s).status = "failed";
    unroute(s, 1, "10.2.0.0/16");
    const failed = reach(s, ping12).blockers.find(({ kind }) => kind === "peering");
    expect(failed?.reason).toContain("CIDR blocks overlap (10.7.0.0/16)");
  });

  it("to oneself needs nothing but a running instance", () => {
    expect(reach(sample(), { ...ping12, to: from("eni-1") })).toMatchObject({
      reachable: true,
      hops: [{ id: "i-1" }],
    });
  });

  it("to another interface of the same instance is to oneself, whatever that one's groups say", () => {
    const s = sample();
    addInstance(s, 1, "1b", "10.1.0.11");
    eni(s, "1b").instance = "i-1";
    const within: Probe = { ...ping12, to: from("eni-1b") };
    expect(reach(s, within)).toMatchObject({ reachable: true, hops: [{ id: "i-1" }] });
    expect(reach(s, { ...within, to: internet("10.1.0.11") }).reachable).toBe(true);
    find(s.instances, "i-1").state = "stopped";
    expect(reach(s, within).blockers).toMatchObject([{ code: "instance-not-running" }]);
  });
});

describe("questions that make no sense", () => {
  const rows: [name: string, probe: Probe, message: string][] = [
    ["an unknown interface", { ...ping12, to: from("eni-9") }, "no network interface eni-9"],
    [
      "an address of another interface",
      { ...ping12, to: from("eni-2", "10.1.0.10") },
      "does not have the address",
    ],
    ["no address", { ...ping12, to: internet("example.com") }, "not an IP address"],
    ["internet to internet", { ...ssh1, to: internet("192.0.2.1") }, "neither 198.51.100.7 nor 192.0.2.1"],
    ["TCP without a port", { ...ping12, protocol: "tcp" }, "needs ports"],
    ["a port that is none", { ...ping12, protocol: "udp", port: 65536 }, "needs ports"],
  ];
  it.each(rows)("%s", (_name, probe, message) => {
    expect(() => reach(sample(), probe)).toThrow(RangeError);
    expect(() => reach(sample(), probe)).toThrow(message);
  });

  it("a snapshot without the tables of an interface", () => {
    const s = sample();
    s.networkAcls = [];
    expect(() => reach(s, ping12)).toThrow("the snapshot lacks network ACL of subnet-1");
  });
});
