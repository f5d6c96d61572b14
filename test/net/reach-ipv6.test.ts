import { describe, it } from "vitest";
import type { Probe, Snapshot } from "../../src/net/types.ts";
import { acl, check, eni, from, group, internet, type Row } from "./rows.ts";
import { all, entry, find, ping, ping12, route } from "./sample.ts";

describe("IPv6", () => {
  const dual = (s: Snapshot) => {
    for (const n of [1, 2]) {
      find(s.vpcs, `vpc-${n}`).cidrs.push(`2001:db8:${n}::/56`);
      find(s.subnets, `subnet-${n}`).cidrs.push(`2001:db8:${n}::/64`);
      eni(s, n).addresses.push({ private: `2001:db8:${n}::10` });
      route(s, n, `2001:db8:${n}::/56`, "local", "local");
      group(s, n).egress.push(all("::/0"));
      acl(s, n).entries.push(
        entry(101, "ingress", "allow", { cidr: "::/0" }),
        entry(101, "egress", "allow", { cidr: "::/0" }),
      );
    }
    group(s, 2).ingress.push({ protocol: "icmpv6", peer: { kind: "cidr", cidr: "2001:db8:1::/56" } });
  };
  const peered = (s: Snapshot) => {
    dual(s);
    route(s, 1, "2001:db8:2::/56", "peering", "pcx-12");
    route(s, 2, "2001:db8:1::/56", "peering", "pcx-12");
  };
  const probe: Probe = { ...ping12, to: from("eni-2", "2001:db8:2::10") };
  const rows: Row[] = [
    { name: "over the peering", change: peered, probe },
    {
      name: "routes of IPv4 are not for IPv6",
      change: dual,
      probe,
      blockers: ["forward no-route rtb-1", "return no-route rtb-2"],
    },
    {
      name: "ICMP is not ICMPv6",
      change: (s) => {
        peered(s);
        group(s, 2).ingress = [
          ping("10.1.0.0/16"),
          { protocol: "icmp", peer: { kind: "cidr", cidr: "::/0" } },
        ];
      },
      probe,
      blockers: ["forward security-group-ingress sg-2"],
    },
    {
      name: "an end without IPv6",
      change: (s) => {
        peered(s);
        eni(s, 1).addresses.pop();
      },
      probe,
      blockers: ["forward address-unknown eni-1"],
    },
    {
      name: "to the internet, untranslated",
      change: (s) => {
        dual(s);
        route(s, 1, "::/0", "internet-gateway", "igw-1");
      },
      probe: { ...ping12, to: internet("2001:db8:ffff::1") },
    },
    {
      name: "a unique local address has no way to the internet",
      change: (s) => {
        dual(s);
        route(s, 1, "::/0", "internet-gateway", "igw-1");
        eni(s, 1).addresses = [{ private: "fd00::10" }];
      },
      probe: { ...ping12, to: internet("2001:db8:ffff::1") },
      blockers: ["forward no-public-address eni-1"],
    },
  ];
  it.each(rows)("$name", check);
});
