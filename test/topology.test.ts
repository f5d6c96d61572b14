import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../src/errors.ts";
import { defaultTopology, type Topology, topologyFrom } from "../src/topology.ts";
import { validateTopology } from "../src/topology-rules.ts";

test("the default is the tutorial's", () => {
  expect(defaultTopology()).toEqual({
    vpcs: [
      { name: "vpc-1", cidr: "10.1.0.0/16", subnetCidr: "10.1.0.0/24", connects: true },
      { name: "vpc-2", cidr: "10.2.0.0/16", subnetCidr: "10.2.0.0/24", connects: false },
    ],
    peerings: [{ requester: "vpc-1", accepter: "vpc-2" }],
  });
  expect(topologyFrom({})).toEqual(defaultTopology());
});

const blocks = (topology: Topology) => topology.vpcs.map(({ name, cidr }) => `${name}=${cidr}`);
const pairs = (topology: Topology) => topology.peerings.map((each) => `${each.requester}~${each.accepter}`);

test.each<[what: string, wishes: Parameters<typeof topologyFrom>[0], vpcs: string[], peerings: string[]]>([
  [
    "a default's name changes its block, and the other stays",
    { cidrs: ["vpc-2=172.31.0.0/20"] },
    ["vpc-1=10.1.0.0/16", "vpc-2=172.31.0.0/20"],
    ["vpc-1~vpc-2"],
  ],
  [
    "a bare block is the first VPC's, and the second keeps its own",
    { cidrs: ["10.9.0.0/16"] },
    ["vpc-1=10.9.0.0/16", "vpc-2=10.2.0.0/16"],
    ["vpc-1~vpc-2"],
  ],
  [
    "bare blocks are taken in order",
    { cidrs: ["10.8.0.0/16", "10.9.0.0/16"] },
    ["vpc-1=10.8.0.0/16", "vpc-2=10.9.0.0/16"],
    ["vpc-1~vpc-2"],
  ],
  [
    "another name makes the list the whole topology, every pair peered",
    { cidrs: ["hub=10.1.0.0/16", "east=10.2.0.0/16", "west=10.3.0.0/16"] },
    ["hub=10.1.0.0/16", "east=10.2.0.0/16", "west=10.3.0.0/16"],
    ["hub~east", "hub~west", "east~west"],
  ],
  [
    "the peerings that are named are the only ones",
    {
      cidrs: ["hub=10.1.0.0/16", "east=10.2.0.0/16", "west=10.3.0.0/16"],
      peerings: ["hub~east", "west~hub"],
    },
    ["hub=10.1.0.0/16", "east=10.2.0.0/16", "west=10.3.0.0/16"],
    ["hub~east", "west~hub"],
  ],
  [
    "VPCs that are not peered may overlap",
    { cidrs: ["hub=10.1.0.0/16", "a=10.2.0.0/16", "b=10.2.0.0/16"], peerings: ["hub~a", "hub~b"] },
    ["hub=10.1.0.0/16", "a=10.2.0.0/16", "b=10.2.0.0/16"],
    ["hub~a", "hub~b"],
  ],
  [
    "public blocks and shared address space are EC2's to take",
    { cidrs: ["100.64.0.0/16", "8.8.0.0/16"] },
    ["vpc-1=100.64.0.0/16", "vpc-2=8.8.0.0/16"],
    ["vpc-1~vpc-2"],
  ],
])("%s", (_what, wishes, vpcs, peerings) => {
  const topology = topologyFrom(wishes);
  expect(blocks(topology)).toEqual(vpcs);
  expect(pairs(topology)).toEqual(peerings);
  expect(topology.vpcs.map(({ connects }) => connects)).toEqual(vpcs.map((_, place) => place === 0));
});

test.each([
  ["10.1.0.0/16", "10.1.0.0/24"],
  ["10.1.0.0/23", "10.1.0.0/24"],
  ["10.1.7.0/24", "10.1.7.0/24"],
  ["10.1.7.128/25", "10.1.7.128/25"],
  ["10.1.7.240/28", "10.1.7.240/28"],
])("the subnet of %s is %s", (cidr, subnet) => {
  expect(topologyFrom({ cidrs: [`vpc-1=${cidr}`] }).vpcs[0]?.subnetCidr).toBe(subnet);
});

const refusals: [wishes: Parameters<typeof topologyFrom>[0], message: string, remedy: string][] = [
  [{ cidrs: ["vpc-1=10.1.0.0"] }, "vpc-1: '10.1.0.0' is not an IPv4 block", "--cidr vpc-1=10.1.0.0/16"],
  [{ cidrs: ["vpc-1=10.1.0.256/24"] }, "vpc-1: '10.1.0.256/24' is not an IPv4 block", "four numbers"],
  [{ cidrs: ["vpc-1=10.01.0.0/16"] }, "vpc-1: '10.01.0.0/16' is not an IPv4 block", "four numbers"],
  [{ cidrs: ["vpc-1=2001:db8::/32"] }, "vpc-1: '2001:db8::/32' is not an IPv4 block", "four numbers"],
  [
    { cidrs: ["vpc-1=10.0.0.0/8"] },
    "vpc-1: EC2 takes blocks from /16 to /28, and 10.0.0.0/8 is a /8",
    "size",
  ],
  [
    { cidrs: ["vpc-1=10.1.0.0/29"] },
    "vpc-1: EC2 takes blocks from /16 to /28, and 10.1.0.0/29 is a /29",
    "size",
  ],
  [{ cidrs: ["vpc-1=10.1.2.3/16"] }, "vpc-1: 10.1.2.3/16 is not where a /16 begins", "vpc-1=10.1.0.0/16"],
  [
    { cidrs: ["vpc-1=127.0.0.0/16"] },
    "vpc-1: 127.0.0.0/16 is in 127.0.0.0/8, which no VPC can use",
    "private",
  ],
  [{ cidrs: ["vpc-1=0.1.0.0/16"] }, "vpc-1: 0.1.0.0/16 is in 0.0.0.0/8, which no VPC can use", "private"],
  [{ cidrs: ["vpc-1=169.254.0.0/16"] }, "vpc-1: 169.254.0.0/16 is in 169.254.0.0/16, which no", "private"],
  [
    { cidrs: ["vpc-1=239.1.0.0/16"] },
    "vpc-1: 239.1.0.0/16 is in 224.0.0.0/4, which no VPC can use",
    "private",
  ],
  [
    { cidrs: ["vpc-1=10.2.128.0/20"] },
    "vpc-1 (10.2.128.0/20) and vpc-2 (10.2.0.0/16) overlap, so they cannot be peered",
    "--cidr vpc-2=10.1.0.0/16",
  ],
  [{ cidrs: ["vpc-1=10.2.0.0/16"] }, "vpc-1 (10.2.0.0/16) and vpc-2 (10.2.0.0/16) overlap", "10.1.0.0/16"],
  [{ cidrs: ["vpc-1=10.1.0.0/16", "vpc-1=10.3.0.0/16"] }, "two VPCs are named vpc-1", "name of its own"],
  [{ cidrs: ["only=10.1.0.0/16"] }, "a peering needs two VPCs, and there is only only", "--cidr right="],
  [{ cidrs: ["=10.1.0.0/16"] }, "'=10.1.0.0/16' is not NAME=CIDR", "vpc-1=10.1.0.0/16"],
  [{ cidrs: ["vpc-1="] }, "'vpc-1=' is not NAME=CIDR", "vpc-1=10.1.0.0/16"],
  [{ cidrs: ["a=b=10.1.0.0/16"] }, "'a=b=10.1.0.0/16' is not NAME=CIDR", "vpc-1=10.1.0.0/16"],
  [{ cidrs: ["VPC=10.1.0.0/16"] }, "'VPC' cannot name a VPC", "lower-case"],
  [{ cidrs: ["a/b=10.1.0.0/16"] }, "'a/b' cannot name a VPC", "lower-case"],
  [{ cidrs: ["-a=10.1.0.0/16"] }, "'-a' cannot name a VPC", "lower-case"],
  [
    { cidrs: ["vpc-0a1b2c3d=10.1.0.0/16"] },
    "'vpc-0a1b2c3d' cannot name a VPC: it reads like the id",
    "choose",
  ],
  [
    { peerings: ["vpc-1~vpc-3"] },
    "the peering vpc-1~vpc-3 names vpc-3, and there is no such VPC",
    "vpc-1, vpc-2",
  ],
  [{ peerings: ["vpc-1~vpc-1"] }, "vpc-1 cannot be peered with itself", "two VPCs"],
  [{ peerings: ["vpc-1~vpc-2", "vpc-2~vpc-1"] }, "vpc-2 and vpc-1 are peered twice", "once"],
  [{ peerings: ["vpc-1"] }, "'vpc-1' is not REQUESTER~ACCEPTER", "vpc-1~vpc-2"],
];

test.each(refusals)("%j is refused in one line with a remedy", (wishes, message, remedy) => {
  const refused = thrownBy(() => topologyFrom(wishes));
  expect(refused.message).toContain(message);
  expect(refused.message).not.toContain("\n");
  expect(refused.remedy).toContain(remedy);
});

describe("what only a file can hold is checked too", () => {
  test("a subnet outside its VPC", () => {
    const topology = defaultTopology();
    topology.vpcs[0]!.subnetCidr = "10.2.0.0/24";
    expect(thrownBy(() => validateTopology(topology)).message).toBe(
      "vpc-1: its subnet 10.2.0.0/24 is not within its block 10.1.0.0/16",
    );
  });

  test("a topology that no one can connect to", () => {
    const topology = defaultTopology();
    topology.vpcs[0]!.connects = false;
    expect(thrownBy(() => validateTopology(topology)).message).toBe("no VPC can be reached over SSH");
  });
});

test("any number of VPCs with blocks of their own is valid, and each pair is peered once", () => {
  const count = fc.integer({ min: 2, max: 30 });
  const prefix = fc.integer({ min: 16, max: 28 });
  fc.assert(
    fc.property(count, prefix, (vpcs, size) => {
      const cidrs = Array.from({ length: vpcs }, (_, place) => `net-${place}=10.${place}.0.0/${size}`);
      expect(topologyFrom({ cidrs }).peerings).toHaveLength((vpcs * (vpcs - 1)) / 2);
    }),
    { seed: 7, numRuns: 50 },
  );
});

function thrownBy(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error("nothing was thrown");
}
