import { UserError } from "./errors.ts";
import { type Block, cidr, contains, isVpcSize, overlaps, parseCidr } from "./net/cidr.ts";
import type { PeeringSpec, Topology, VpcSpec } from "./topology.ts";

/**
 * Throws UserError, one line and a remedy, for the first thing in the topology that EC2 would refuse, or that would make
 * its peering fail, or that peerctl cannot name.
 */
export function validateTopology({ vpcs, peerings }: Topology): void {
  const byName = new Map<string, VpcSpec>();
  for (const vpc of vpcs) {
    checkName(vpc.name);
    if (byName.has(vpc.name)) {
      throw new UserError(`two VPCs are named ${vpc.name}`, "give each VPC a name of its own");
    }
    byName.set(vpc.name, vpc);
    checkBlock(vpc.name, vpc.cidr);
    checkSubnet(vpc);
  }
  if (vpcs.length < 2) {
    throw new UserError(
      `a peering needs two VPCs, and there is ${vpcs.length === 0 ? "none" : `only ${vpcs[0]?.name}`}`,
      "give each VPC a block: --cidr left=10.1.0.0/16 --cidr right=10.2.0.0/16",
    );
  }
  if (!vpcs.some(({ connects }) => connects)) {
    throw new UserError("no VPC can be reached over SSH", "let one of the VPCs connect");
  }
  const pairs = new Set<string>();
  for (const peering of peerings) checkPeering(peering, byName, pairs, vpcs);
}

const awsId = /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/;

function checkName(name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new UserError(
      `'${name}' cannot name a VPC`,
      "use up to 32 lower-case letters, digits and hyphens, with no hyphen at either end",
    );
  }
  if (awsId.test(name)) {
    throw new UserError(
      `'${name}' cannot name a VPC: it reads like the id of one`,
      "peerctl makes the VPCs itself: choose a name such as left or vpc-1.",
    );
  }
}

/** Blocks that no host can have, so no VPC either. Public ones and 100.64.0.0/10 EC2 takes, and so does peerctl. */
const reserved = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4"].map(cidr);

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
function checkBlock(name: string, text: string): void {
  const block = parseCidr(text);
  if (block?.family !== 4) {
    throw new UserError(
      `${name}: '${text}' is not an IPv4 block`,
      `write four numbers and a size, like --cidr ${name}=10.1.0.0/16`,
    );
  }
  if (!isVpcSize(block)) {
    throw new UserError(
      `${name}: EC2 takes blocks from /16 to /28, and ${text} is a /${block.prefix}`,
      `choose another size, like --cidr ${name}=10.1.0.0/16`,
    );
  }
  if (block.text !== text) {
    throw new UserError(
      `${name}: ${text} is not where a /${block.prefix} begins`,
      `the block around that address is --cidr ${name}=${block.text}`,
    );
  }
  const range = reserved.find((each) => overlaps(each, block));
  if (range) {
    throw new UserError(
      `${name}: ${text} is in ${range.text}, which no VPC can use`,
      "use a private block, from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
    );
  }
}

function checkSubnet({ name, cidr: vpc, subnetCidr }: VpcSpec): void {
  checkBlock(`the subnet of ${name}`, subnetCidr);
  if (contains(cidr(vpc), cidr(subnetCidr))) return;
  throw new UserError(
    `${name}: its subnet ${subnetCidr} is not within its block ${vpc}`,
    `choose a subnet within ${vpc}`,
  );
}

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations */
function checkPeering(
  { requester, accepter }: PeeringSpec,
  byName: ReadonlyMap<string, VpcSpec>,
  pairs: Set<string>,
  vpcs: readonly VpcSpec[],
): void {
  const [one, other] = [requester, accepter].map((name) => {
    const vpc = byName.get(name);
    if (vpc) return vpc;
    throw new UserError(
      `the peering ${requester}~${accepter} names ${name}, and there is no such VPC`,
      `the VPCs are ${[...byName.keys()].join(", ")}`,
    );
  }) as [VpcSpec, VpcSpec];
  if (one === other) {
    throw new UserError(`${requester} cannot be peered with itself`, "name two VPCs, like vpc-1~vpc-2");
  }
  const pair = [requester, accepter].sort().join("~");
  if (pairs.has(pair)) {
    throw new UserError(
      `${requester} and ${accepter} are peered twice`,
      "EC2 has one peering for each pair, whoever asks: name the pair once",
    );
  }
  pairs.add(pair);
  if (overlaps(cidr(one.cidr), cidr(other.cidr))) {
    throw new UserError(
      `${one.name} (${one.cidr}) and ${other.name} (${other.cidr}) overlap, so they cannot be peered`,
      `give one of them another block, like --cidr ${other.name}=${freeBlock(vpcs)}`,
    );
  }
}

function freeBlock(vpcs: readonly VpcSpec[]): string {
  const taken = vpcs.flatMap((vpc) => parseCidr(vpc.cidr) ?? []);
  const free = (block: Block) => !taken.some((each) => overlaps(each, block));
  return (
    Array.from({ length: 255 }, (_, second) => cidr(`10.${second + 1}.0.0/16`)).find(free)?.text ??
    "172.31.0.0/16"
  );
}
