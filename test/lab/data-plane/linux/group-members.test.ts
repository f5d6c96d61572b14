import { describe, expect, test } from "vitest";
import { mistakable, mistakableAhead } from "../../../../src/lab/data-plane/linux/group-members.ts";
import { numbers } from "../../../../src/lab/data-plane/linux/numbers.ts";
import { siteOf } from "../../../../src/lab/data-plane/linux/site.ts";
import type { Snapshot } from "../../../../src/net/types.ts";
import { addPeering, addVpc, find, sample } from "../../../net/sample.ts";

/** Two peers of vpc-1 overlap, and 10.2.0.10 is in both: as eni-2 in vpc-2, where the route leads, and as eni-3 in vpc-3. */
function overlapping(): Snapshot {
  const snapshot = sample();
  addVpc(snapshot, 3);
  find(snapshot.vpcs, "vpc-3").cidrs = ["10.2.0.0/16"];
  find(snapshot.subnets, "subnet-3").cidrs = ["10.2.0.0/24"];
  find(snapshot.interfaces, "eni-3").addresses = [{ private: "10.2.0.10" }];
  addPeering(snapshot, 1, 3);
  return snapshot;
}

const siteWith = (snapshot: Snapshot) => {
  const guests = snapshot.interfaces.map(({ id, instance = "" }) => ({
    id: instance,
    boot: "",
    hostname: instance,
    links: [{ id, name: "ens5", mac: "02:00:00:00:00:01", addresses: [], prefixLength: 24, router: "" }],
  }));
  const site = siteOf(snapshot, guests, numbers());
  return { site, card: site.cards.get("eni-1")! };
};

const rows = [
  { name: "a group of the VPC that the route leads to", named: ["sg-2"], mistaken: [], ahead: [] },
  { name: "a group of the other one", named: ["sg-3"], mistaken: ["10.2.0.10"], ahead: ["10.2.0.10"] },
  { name: "both", named: ["sg-3", "sg-2"], mistaken: [], ahead: ["10.2.0.10"] },
  { name: "none", named: [], mistaken: [], ahead: [] },
];
describe("rules that name groups mean instances, where two peers have the same address", () => {
  test.each(rows)("$name", ({ named, mistaken, ahead }) => {
    const snapshot = overlapping();
    const rules = named.map((id) => ({ protocol: "-1", peer: { kind: "group", id } as const }));
    Object.assign(find(snapshot.securityGroups, "sg-1"), { ingress: rules, egress: rules });
    const { site, card } = siteWith(snapshot);
    expect([...mistakableAhead(site, card)]).toEqual(ahead.length > 0 ? [["vpc-2", ahead]] : []);
    expect(mistakable(site, card, "vpc-2")).toEqual(mistaken);
  });

  test("the route decides which of the two is meant", () => {
    const snapshot = overlapping();
    find(snapshot.securityGroups, "sg-1").egress = [{ protocol: "-1", peer: { kind: "group", id: "sg-3" } }];
    for (const route of find(snapshot.routeTables, "rtb-1").routes) {
      if (route.destination === "10.2.0.0/16") route.target.id = "pcx-13";
    }
    const { site, card } = siteWith(snapshot);
    expect([...mistakableAhead(site, card)]).toEqual([]);
  });
});
