import type { Probe, Snapshot } from "../../src/net/types.ts";
import { appliance } from "./middlebox-rows.ts";
import { eni, from, group, internet, publicIp, type Row, table } from "./rows.ts";
import { all, find, ping12, ssh1, tcp } from "./sample.ts";

/** What instance 1 sends to the internet goes to the appliance first. */
const outward = (s: Snapshot) => {
  appliance(s);
  const own = find(s.routeTables, "rtb-own");
  const target = { kind: "interface", id: "eni-mid" } as const;
  own.routes = own.routes.filter(({ destination }) => destination !== "0.0.0.0/0");
  own.routes.push({ destination: "0.0.0.0/0", target, state: "active" });
};
/**
 * So does what comes for its subnet: the gateway has a route table.
 * https://docs.aws.amazon.com/vpc/latest/userguide/internet-gateway-subnet.html
 */
const both = (s: Snapshot) => {
  outward(s);
  const target = { kind: "interface", id: "eni-mid" } as const;
  s.routeTables.push({
    id: "rtb-edge",
    vpc: "vpc-1",
    main: false,
    subnets: [],
    gateways: ["igw-1"],
    routes: [...table(s, 1).routes.slice(0, 1), { destination: "10.1.0.0/24", target, state: "active" }],
  });
  publicIp(s, "mid", "203.0.113.12");
  s.securityGroups.push({
    id: "sg-mid",
    vpc: "vpc-1",
    ingress: [all("0.0.0.0/0")],
    egress: [all("0.0.0.0/0")],
  });
  eni(s, "mid").groups = ["sg-mid"];
};
const out: Probe = { from: from("eni-1"), to: internet("192.0.2.80"), protocol: "tcp", port: 443 };

export const inspectionRows: Row[] = [
  { name: "what comes for a subnet passes the appliance, and so do the answers", change: both, probe: ssh1 },
  { name: "what the subnet sends passes it, and so do the answers", change: both, probe: out },
  {
    name: "the gateway translates by the address, whoever hands the packet on",
    change: (s) => {
      both(s);
      publicIp(s, 2, "203.0.113.20");
      group(s, 2).ingress = [tcp(80, "203.0.113.10/32")];
    },
    probe: { ...out, to: from("eni-2", "203.0.113.20"), port: 80 },
  },
  {
    name: "the appliance has its check on",
    change: (s) => {
      both(s);
      eni(s, "mid").sourceDestCheck = true;
    },
    probe: ssh1,
    blockers: ["forward source-dest-check eni-mid"],
  },
  {
    name: "the gateway's route leads to an interface without a public address",
    change: (s) => {
      both(s);
      publicIp(s, "mid", undefined);
    },
    probe: ssh1,
    blockers: ["forward no-public-address eni-mid"],
  },
  {
    name: "the appliance's group lets nothing in",
    change: (s) => {
      both(s);
      find(s.securityGroups, "sg-mid").ingress = [];
    },
    probe: ssh1,
    blockers: ["forward security-group-ingress sg-mid"],
  },
  {
    name: "Block Public Access counts for the subnet inspected, not for the appliance's",
    change: (s) => {
      both(s);
      find(s.subnets, "subnet-1").internetGatewayBlock = "block-bidirectional";
    },
    probe: ssh1,
    blockers: ["forward block-public-access vpc-1"],
  },
  {
    name: "and shuts nothing where only the appliance's subnet has it",
    change: (s) => {
      both(s);
      find(s.subnets, "subnet-mid").internetGatewayBlock = "block-bidirectional";
    },
    probe: ssh1,
  },
  {
    name: "without a route table of the gateway the answers come by themselves",
    change: outward,
    probe: { ...ping12, to: internet("192.0.2.1") },
  },
  {
    name: "whether an appliance translates what has no public address is not in the tables",
    change: (s) => {
      outward(s);
      publicIp(s, 1, undefined);
    },
    probe: { ...ping12, to: internet("192.0.2.1") },
    blockers: ["forward route-elsewhere eni-mid"],
  },
];
