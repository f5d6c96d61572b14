import type { Snapshot } from "../../src/net/types.ts";
import { eni, from, group, internet, type Row, table } from "./rows.ts";
import { addInstance, addSubnet, all, find, ping, ping12, route } from "./sample.ts";

/** 10.1.0.10 -> 10.1.1.10 through the appliance 10.1.2.10, and back without it. */
export const appliance = (s: Snapshot) => {
  for (const [n, name] of [
    [1, "far"],
    [2, "mid"],
  ] as const) {
    addSubnet(s, 1, `subnet-${name}`, `10.1.${n}.0/24`);
    addInstance(s, 1, name, `10.1.${n}.10`, `subnet-${name}`);
  }
  group(s, 1).ingress.push(ping("10.1.0.0/16"));
  const routes = [
    ...table(s, 1).routes,
    { destination: "10.1.1.0/24", target: { kind: "interface", id: "eni-mid" }, state: "active" } as const,
  ];
  s.routeTables.push({ id: "rtb-own", vpc: "vpc-1", main: false, subnets: ["subnet-1"], routes });
  eni(s, "mid").sourceDestCheck = false;
};
const probe = { ...ping12, to: from("eni-far") };
export const middleboxRows: Row[] = [
  { name: "an appliance forwards, its check being off", change: appliance, probe },
  {
    name: "its check is on",
    change: (s) => {
      appliance(s);
      eni(s, "mid").sourceDestCheck = true;
    },
    probe,
    blockers: ["forward source-dest-check eni-mid"],
  },
  {
    name: "it is stopped, and its own group is closed",
    change: (s) => {
      appliance(s);
      find(s.instances, "i-mid").state = "stopped";
      s.securityGroups.push({ id: "sg-mid", vpc: "vpc-1", ingress: [], egress: [] });
      eni(s, "mid").groups = ["sg-mid"];
    },
    probe,
    blockers: [
      "forward instance-not-running i-mid",
      "forward security-group-ingress sg-mid",
      "forward security-group-egress sg-mid",
    ],
  },
  {
    name: "rules that name the sender's group do not see it past an appliance",
    change: (s) => {
      appliance(s);
      s.securityGroups.push({
        id: "sg-far",
        vpc: "vpc-1",
        ingress: [{ protocol: "-1", peer: { kind: "group", id: "sg-1" } }],
        egress: [],
      });
      eni(s, "far").groups = ["sg-far"];
    },
    probe,
    blockers: ["forward security-group-ingress sg-far"],
  },
  {
    name: "to the interface's own address there is nothing to check",
    change: (s) => {
      appliance(s);
      eni(s, "mid").sourceDestCheck = true;
      route(s, 1, "10.1.2.0/24", "interface", "eni-mid");
    },
    probe: { ...ping12, to: from("eni-mid") },
  },
  {
    name: "it is another interface of the sender, which Linux does not take its own packets from",
    change: (s) => {
      appliance(s);
      eni(s, "mid").instance = "i-1";
    },
    probe,
    blockers: ["forward route-elsewhere eni-mid"],
  },
  {
    name: "it is another interface of the receiver, and so there, whatever the group of the one meant says",
    change: (s) => {
      appliance(s);
      eni(s, "mid").instance = "i-far";
      s.securityGroups.push({ id: "sg-far", vpc: "vpc-1", ingress: [], egress: [all("0.0.0.0/0")] });
      eni(s, "far").groups = ["sg-far"];
    },
    probe,
  },
  {
    name: "the receiver's other interface has not seen the request, so its rules judge the answer",
    change: (s) => {
      appliance(s);
      eni(s, "mid").instance = "i-far";
      s.securityGroups.push({ id: "sg-far", vpc: "vpc-1", ingress: [], egress: [] });
      eni(s, "far").groups = ["sg-far"];
    },
    probe,
    blockers: ["return security-group-egress sg-far"],
  },
  {
    name: "what is behind the appliance is up to it",
    change: (s) => {
      appliance(s);
      route(s, 1, "10.244.0.0/16", "interface", "eni-mid");
      table(s, 1).routes.push({
        destination: "10.244.0.0/16",
        target: { kind: "interface", id: "eni-mid" },
        state: "active",
      });
      find(s.routeTables, "rtb-own").routes = table(s, 1).routes;
    },
    probe: { ...ping12, to: internet("10.244.0.1") },
    blockers: ["forward route-elsewhere eni-mid"],
  },
  {
    name: "an interface that is gone",
    change: (s) => route(s, 1, "10.2.0.0/24", "interface", "eni-gone"),
    blockers: ["forward route-elsewhere eni-gone"],
  },
  ...(["ingress", "egress"] as const).map(
    (way): Row => ({
      name: `only the answer passes the appliance, which has not seen the request: its ${way} rules judge it`,
      change: (s) => {
        appliance(s);
        // The other way round: out directly, back by the appliance.
        const own = find(s.routeTables, "rtb-own");
        own.routes = own.routes.filter(({ destination }) => destination !== "10.1.1.0/24");
        const routes = [
          ...own.routes,
          {
            destination: "10.1.0.0/24",
            target: { kind: "interface", id: "eni-mid" },
            state: "active",
          } as const,
        ];
        s.routeTables.push({ ...own, id: "rtb-far", subnets: ["subnet-far"], routes });
        const open = { ingress: [all("0.0.0.0/0")], egress: [all("0.0.0.0/0")] };
        s.securityGroups.push({ id: "sg-mid", vpc: "vpc-1", ...open, [way]: [] });
        eni(s, "mid").groups = ["sg-mid"];
      },
      probe,
      blockers: [`return security-group-${way} sg-mid`],
    }),
  ),
];
