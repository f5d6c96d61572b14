import { expect, test } from "vitest";
import { changes, nothing } from "../../../../src/lab/data-plane/linux/changes.ts";
import { guestsOf } from "../../../../src/lab/data-plane/linux/guests.ts";
import { numbers } from "../../../../src/lab/data-plane/linux/numbers.ts";
import { planOf } from "../../../../src/lab/data-plane/linux/plan.ts";
import { snapshotOf } from "../../../../src/lab/snapshot.ts";
import { allow, icmpFrom, tutorialWorld } from "../tutorial-world.ts";

const world = () => tutorialWorld(1_700_000_000_000);
const planner =
  (numberOf = numbers()) =>
  (of: ReturnType<typeof world>) =>
    planOf(snapshotOf(of), guestsOf(of), numberOf);

test("equal tables give equal plans, and nothing to do", () => {
  const plan = planner();
  expect(plan(world())).toEqual(plan(world()));
  expect(changes(plan(world()), plan(world()))).toBe("");
});

test("a namespace for each guest, router, the cards and the internet; a wire for each hop", () => {
  const { namespaces, wires } = planner()(world());
  expect([...namespaces.keys()].sort()).toEqual(["cards", "i-1", "i-2", "internet", "vpc-1", "vpc-2"]);
  expect([...wires.keys()].sort()).toEqual([
    "cards/g1~i-1/ens5",
    "cards/g3~i-2/ens5",
    "cards/r1~vpc-1/r1",
    "cards/r3~vpc-2/r3",
    "internet/w5~vpc-1/igw",
    "internet/w6~vpc-2/igw",
    "vpc-1/p8~vpc-2/p8",
  ]);
});

test("a route table becomes a table of the kernel", () => {
  const { routes, rules } = planner()(world()).namespaces.get("vpc-1")!;
  const table = "table 1000000007";
  expect(Object.fromEntries(routes)).toEqual({
    default: "blackhole",
    "10.1.0.4/32": "dev r1",
    [`default metric 1000 ${table}`]: "blackhole",
    [`10.1.0.0/16 ${table}`]: "throw",
    [`default ${table}`]: "dev igw",
    [`10.2.0.0/16 ${table}`]: "dev p8",
  });
  expect(rules).toContain("pref 200 iif r1 lookup 1000000007");
});

const edits = [
  {
    name: "a rule of a group touches its chain and nothing else",
    by: (of: ReturnType<typeof world>) => allow(of.home, "sg-2", icmpFrom("10.1.0.0/16")),
    script: [
      "nsenter --net=/run/netns/cards sh -e <<'IN'",
      "nft -f - <<'NFT'",
      "table ip peerctl",
      "flush chain ip peerctl sg_2_ingress",
      "table ip peerctl {",
      "  chain sg_2_ingress {",
      "    ip saddr 10.1.0.0/16 meta l4proto icmp accept",
      "  }",
      "}",
      "NFT",
      "IN",
      "",
    ].join("\n"),
  },
  {
    name: "a route that is gone",
    by: (of: ReturnType<typeof world>) => of.home.routeTables.get("rtb-1")!.Routes!.splice(2, 1),
    script: [
      "nsenter --net=/run/netns/vpc-1 sh -e <<'IN'",
      "ip -batch - <<'IP'",
      "route delete 10.2.0.0/16 table 1000000007",
      "IP",
      "IN",
      "",
    ].join("\n"),
  },
];

test.each(edits)("$name", ({ by, script }) => {
  const plan = planner();
  const before = plan(world());
  const changed = world();
  by(changed);
  expect(changes(before, plan(changed))).toBe(script);
});

test("a stopped instance leaves with its wires, processes and namespace, and its VPC's router if it was the last", () => {
  const plan = planner();
  const before = plan(world());
  const stopped = world();
  stopped.home.instances.get("i-2")!.instance.State = { Name: "stopped" };
  const script = changes(before, plan(stopped));
  for (const line of ["link delete dev g3", "ip netns delete i-2", "ip netns delete vpc-2"]) {
    expect(script).toContain(line);
  }
  expect(script).toContain("route replace blackhole 10.2.0.0/16 table 1000000007");
  expect(changes(plan(stopped), nothing)).toContain("ip netns delete i-1");
});

test("an interface that is detached takes its own wires and no other's", () => {
  const plan = planner();
  const three = world();
  for (const index of [1, 2]) {
    const eni = structuredClone(three.home.networkInterfaces.get("eni-1")!);
    Object.assign(eni, { NetworkInterfaceId: `eni-1${index}`, PrivateIpAddress: `10.1.0.${10 + index}` });
    eni.PrivateIpAddresses = [{ Primary: true, PrivateIpAddress: eni.PrivateIpAddress }];
    eni.Attachment!.DeviceIndex = index;
    three.home.networkInterfaces.set(eni.NetworkInterfaceId!, eni);
  }
  const before = plan(three);
  expect([...before.wires.keys()].filter((key) => key.includes("~i-1/ens"))).toHaveLength(3);
  delete three.home.networkInterfaces.get("eni-11")!.Attachment;
  const script = changes(before, plan(three));
  expect(script.match(/link (delete|add).*/g)).toHaveLength(2);
  expect(script).not.toContain("link add");
});

const reboots: { name: string; by: (of: ReturnType<typeof world>) => void; era?: number }[] = [
  {
    name: "a reboot",
    by: (of) => {
      of.home.instances.get("i-1")!.runningSince! += 1;
    },
  },
  { name: "another world with the same ids", by: () => undefined, era: 1 },
];
test.each(reboots)("$name makes the guest and its wire anew, under the same names", ({ by, era }) => {
  const numberOf = numbers();
  const before = planOf(snapshotOf(world()), guestsOf(world()), numberOf);
  const after = world();
  by(after);
  const script = changes(before, planOf(snapshotOf(after), guestsOf(after, era), numberOf));
  const order = ["link delete dev g1", "ip netns delete i-1", "ip netns attach", "link add name g1"];
  const places = order.map((text) => script.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBeGreaterThanOrEqual(0);
  expect(script).not.toContain("link delete dev r1");
});
