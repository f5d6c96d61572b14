import type { Snapshot } from "../../src/net/types.ts";
import { eni, from, group, internet, peering, type Row, table } from "./rows.ts";
import {
  addInstance,
  addPeering,
  addSubnet,
  addVpc,
  all,
  find,
  ping,
  ping12,
  route,
  tcp,
  unroute,
} from "./sample.ts";

export const peeringRows: Row[] = [
  { name: "the finished tutorial answers" },
  {
    name: "the tutorial's second failure: no rule for ICMP",
    change: (s) => group(s, 2).ingress.splice(0),
    blockers: ["forward security-group-ingress sg-2"],
  },
  {
    name: "the peering waits for acceptance, and its route is a blackhole",
    change: (s) => {
      peering(s).status = "pending-acceptance";
      for (const each of s.routeTables.flatMap((one) => one.routes)) {
        if (each.target.kind === "peering") each.state = "blackhole";
      }
    },
    blockers: [
      "forward route-blackhole rtb-1",
      "forward peering-not-active pcx-12",
      "return route-blackhole rtb-2",
    ],
  },
  {
    name: "an active route to a peering that is not",
    change: (s) => {
      peering(s).status = "provisioning";
    },
    blockers: ["forward peering-not-active pcx-12"],
  },
  {
    name: "no peering at all, no routes, ping closed: all of it is told",
    change: (s) => {
      s.peerings = [];
      unroute(s, 1, "10.2.0.0/16");
      unroute(s, 2, "10.1.0.0/16");
      group(s, 2).ingress = [];
    },
    blockers: [
      "forward no-route rtb-1",
      "forward peering-not-active vpc-2",
      "forward security-group-ingress sg-2",
      "return no-route rtb-2",
      "return peering-not-active vpc-1",
    ],
  },
  {
    name: "a peering, but no route there",
    change: (s) => unroute(s, 1, "10.2.0.0/16"),
    blockers: ["forward no-route rtb-1"],
  },
  {
    name: "no route back: the default route does not take private addresses",
    change: (s) => unroute(s, 2, "10.1.0.0/16"),
    blockers: ["return no-route rtb-2"],
  },
  {
    name: "an explicit table hides the main one's route",
    change: (s) =>
      s.routeTables.push({ ...table(s, 1), id: "rtb-own", main: false, subnets: ["subnet-1"], routes: [] }),
    blockers: ["forward no-route rtb-own"],
  },
  {
    name: "the peering was deleted",
    change: (s) => {
      peering(s).status = "deleted";
      for (const each of table(s, 1).routes) if (each.target.id === "pcx-12") each.state = "blackhole";
      unroute(s, 2, "10.1.0.0/16");
    },
    blockers: ["forward route-blackhole rtb-1", "forward peering-not-active pcx-12", "return no-route rtb-2"],
  },
  {
    name: "a new peering, while the route still names the dead one",
    change: (s) => {
      s.peerings.push({ ...peering(s), id: "pcx-new" });
      peering(s).status = "deleted";
      for (const each of table(s, 1).routes) if (each.target.id === "pcx-12") each.state = "blackhole";
      for (const each of table(s, 2).routes) if (each.target.id === "pcx-12") each.target.id = "pcx-new";
    },
    blockers: ["forward route-blackhole rtb-1"],
  },
  {
    name: "peering is not transitive: 1 to 3 by way of 2",
    change: (s) => {
      addVpc(s, 3);
      addPeering(s, 2, 3);
      group(s, 3).ingress.push(all("0.0.0.0/0"));
      route(s, 1, "10.3.0.0/16", "peering", "pcx-12");
      route(s, 3, "10.1.0.0/16", "peering", "pcx-23");
    },
    probe: { ...ping12, to: from("eni-3") },
    blockers: ["forward peering-not-transitive pcx-12", "return peering-not-transitive pcx-23"],
  },
  {
    name: "a route to the wrong peering, while the right one waits",
    change: (s) => {
      addVpc(s, 3);
      addPeering(s, 1, 3);
      peering(s).status = "pending-acceptance";
      unroute(s, 1, "10.2.0.0/16");
      route(s, 1, "10.2.0.0/16", "peering", "pcx-13");
    },
    blockers: ["forward peering-not-transitive pcx-13", "forward peering-not-active pcx-12"],
  },
  {
    name: "a route to a peering of other VPCs",
    change: (s) => {
      addVpc(s, 3);
      addPeering(s, 2, 3);
      unroute(s, 1, "10.2.0.0/16");
      route(s, 1, "10.2.0.0/16", "peering", "pcx-23");
    },
    blockers: ["forward peering-not-transitive pcx-23"],
  },
  {
    name: "the route names a peering that nobody knows",
    change: (s) => {
      s.peerings = [];
    },
    blockers: ["forward peering-not-active pcx-12"],
  },
  {
    name: "two peers with one CIDR block: the reply goes to the wrong one",
    change: (s) => {
      addVpc(s, 3);
      find(s.vpcs, "vpc-3").cidrs = ["10.1.0.0/16"];
      find(s.subnets, "subnet-3").cidrs = ["10.1.0.0/24"];
      eni(s, 3).addresses = [{ private: "10.1.0.10" }];
      addPeering(s, 2, 3);
      unroute(s, 2, "10.1.0.0/16");
      route(s, 2, "10.1.0.0/16", "peering", "pcx-23");
    },
    blockers: ["return address-unknown vpc-3"],
  },
  {
    name: "overlapping blocks: the local route wins, and the peering has failed",
    change: (s) => {
      for (const vpc of s.vpcs) vpc.cidrs = ["10.1.0.0/16"];
      find(s.subnets, "subnet-2").cidrs = ["10.1.9.0/24"];
      eni(s, 2).addresses = [{ private: "10.1.9.10" }];
      unroute(s, 1, "10.2.0.0/16");
      table(s, 2).routes = structuredClone(table(s, 1).routes);
      peering(s).status = "failed";
    },
    blockers: ["forward address-unknown vpc-1", "return address-unknown vpc-2"],
  },
  {
    name: "a secondary block of the peer needs its own route",
    change: (s) => secondary(s),
    probe: { ...ping12, to: from("eni-second") },
    blockers: ["forward no-route rtb-1"],
  },
  {
    name: "a secondary block with its route",
    change: (s) => {
      secondary(s);
      route(s, 1, "10.20.0.0/16", "peering", "pcx-12");
    },
    probe: { ...ping12, to: from("eni-second") },
  },
  {
    name: "the longest prefix wins, and be it a blackhole",
    change: (s) => {
      route(s, 1, "10.2.0.0/24", "other", "nat-gone");
      table(s, 1).routes.at(-1)!.state = "blackhole";
    },
    blockers: ["forward route-blackhole rtb-1"],
  },
  {
    name: "and be it the only good one",
    change: (s) => {
      for (const each of table(s, 1).routes) if (each.target.id === "pcx-12") each.state = "blackhole";
      route(s, 1, "10.2.0.10/32", "peering", "pcx-12");
    },
  },
  {
    name: "from the second interface of an instance, by its own subnet's table",
    change: (s) => {
      addSubnet(s, 1, "subnet-1b", "10.1.1.0/24");
      addInstance(s, 1, "1b", "10.1.1.10", "subnet-1b");
      eni(s, "1b").instance = "i-1";
      s.routeTables.push({ ...table(s, 1), id: "rtb-own", main: false, subnets: ["subnet-1"], routes: [] });
    },
    probe: { ...ping12, from: from("eni-1b") },
  },
  {
    name: "a route by prefix list",
    change: (s) => {
      s.prefixLists.push({ id: "pl-1", cidrs: ["10.2.0.0/16"] });
      unroute(s, 1, "10.2.0.0/16");
      route(s, 1, "pl-1", "peering", "pcx-12");
    },
  },
  {
    name: "a prefix list as the source, whose blocks overlap",
    change: (s) => {
      s.prefixLists.push({
        id: "pl-1",
        cidrs: ["10.0.0.0/15", "10.1.0.0/16", "192.168.0.0/16", "10.1.0.0/24"],
      });
      group(s, 2).ingress = [{ protocol: "icmp", peer: { kind: "prefix-list", id: "pl-1" } }];
    },
  },
  {
    name: "a prefix list as the source that has other blocks",
    change: (s) => {
      s.prefixLists.push({ id: "pl-1", cidrs: ["10.3.0.0/16", "10.3.7.0/24"] });
      group(s, 2).ingress = [{ protocol: "icmp", peer: { kind: "prefix-list", id: "pl-1" } }];
    },
    blockers: ["forward security-group-ingress sg-2"],
  },
  {
    name: "a prefix list that is empty",
    change: (s) => {
      s.prefixLists.push({ id: "pl-1", cidrs: [] });
      group(s, 2).ingress = [{ protocol: "icmp", peer: { kind: "prefix-list", id: "pl-1" } }];
    },
    blockers: ["forward security-group-ingress sg-2"],
  },
  {
    name: "the more specific of two routes by prefix lists wins, and a static one before both",
    change: (s) => {
      s.prefixLists.push({ id: "pl-1", cidrs: ["10.2.0.0/24", "10.2.0.0/16"] });
      route(s, 1, "pl-1", "interface", "eni-gone");
    },
    blockers: ["forward route-elsewhere eni-gone"],
  },
  {
    name: "a static route before one by prefix list and one that is propagated, all as long",
    change: (s) => {
      s.prefixLists.push({ id: "pl-1", cidrs: ["10.2.0.0/16"] });
      route(s, 1, "10.2.0.0/16", "other", "vgw-1");
      table(s, 1).routes.at(-1)!.propagated = true;
      route(s, 1, "pl-1", "other", "tgw-1");
      table(s, 1).routes.reverse();
    },
  },
  {
    name: "a group of the peer VPC as the source, in one Region",
    change: (s) => {
      group(s, 2).ingress = [{ protocol: "icmp", peer: { kind: "group", id: "sg-1" } }];
    },
  },
  {
    name: "a group of the peer VPC as the source, between Regions",
    change: (s) => {
      find(s.vpcs, "vpc-2").region = "eu-west-1";
      group(s, 2).ingress = [{ protocol: "icmp", peer: { kind: "group", id: "sg-1" } }];
    },
    blockers: ["forward security-group-ingress sg-2"],
  },
  {
    name: "a group as the source, over a peering that still waits: one fault, not two",
    change: (s) => {
      peering(s).status = "pending-acceptance";
      group(s, 2).ingress = [{ protocol: "icmp", peer: { kind: "group", id: "sg-1" } }];
    },
    blockers: ["forward peering-not-active pcx-12"],
  },
  {
    name: "a group of the peer VPC as the destination",
    change: (s) => {
      group(s, 1).egress = [{ protocol: "icmp", peer: { kind: "group", id: "sg-2" } }];
    },
  },
  {
    name: "egress for something else",
    change: (s) => {
      group(s, 1).egress = [tcp(443, "0.0.0.0/0")];
    },
    blockers: ["forward security-group-egress sg-1"],
  },
  {
    name: "the receiver's egress does not matter to the reply: groups are stateful",
    change: (s) => {
      group(s, 2).egress = [];
    },
  },
  {
    name: "the second group of an interface counts as much",
    change: (s) => {
      group(s, 2).ingress = [];
      s.securityGroups.push({ id: "sg-more", vpc: "vpc-2", ingress: [ping("10.1.0.0/16")], egress: [] });
      eni(s, 2).groups.push("sg-more");
    },
  },
  {
    name: "stopped at either end",
    change: (s) => {
      for (const instance of s.instances) instance.state = "stopped";
    },
    blockers: ["forward instance-not-running i-1", "forward instance-not-running i-2"],
  },
  {
    name: "an interface without an instance does not answer",
    change: (s) => Object.assign(eni(s, 2), { instance: undefined, status: "available" }),
    blockers: ["forward instance-not-running eni-2"],
  },
  {
    name: "another account's VPC, whose tables are not at hand",
    change: (s) => {
      s.vpcs.pop();
      s.interfaces.pop();
    },
    probe: { ...ping12, to: internet("10.2.0.10") },
    blockers: ["forward address-unknown vpc-2"],
  },
  {
    name: "an address that nobody has",
    probe: { ...ping12, to: internet("10.2.0.99") },
    blockers: ["forward address-unknown vpc-2"],
  },
  {
    name: "an address alone finds the interface behind the peering",
    change: (s) => unroute(s, 1, "10.2.0.0/16"),
    probe: { ...ping12, to: internet("10.2.0.10") },
    blockers: ["forward no-route rtb-1"],
  },
  {
    name: "two peers have the address: the one that the route leads to is meant",
    change: (s) => {
      addVpc(s, 3);
      addPeering(s, 1, 3);
      find(s.vpcs, "vpc-3").cidrs = ["10.2.0.0/16"];
      find(s.subnets, "subnet-3").cidrs = ["10.2.0.0/24"];
      eni(s, 3).addresses = [{ private: "10.2.0.10" }];
      group(s, 3).ingress = [ping("10.1.0.0/16")];
      unroute(s, 1, "10.2.0.0/16");
      route(s, 1, "10.2.0.0/16", "peering", "pcx-13");
    },
    probe: { ...ping12, to: internet("10.2.0.10") },
  },
  {
    name: "a transit gateway is not looked into, but both ends are",
    change: (s) => {
      unroute(s, 1, "10.2.0.0/16");
      route(s, 1, "10.2.0.0/16", "other", "tgw-1");
      group(s, 2).ingress = [];
    },
    blockers: ["forward route-elsewhere rtb-1", "forward security-group-ingress sg-2"],
  },
];
function secondary(s: Snapshot): void {
  find(s.vpcs, "vpc-2").cidrs.push("10.20.0.0/16");
  route(s, 2, "10.20.0.0/16", "local", "local");
  addSubnet(s, 2, "subnet-second", "10.20.0.0/24");
  addInstance(s, 2, "second", "10.20.0.10", "subnet-second");
}
