import { UserError } from "./errors.ts";
import { parseCidr } from "./net/cidr.ts";
import { validateTopology } from "./topology-rules.ts";

/** What is wanted: VPCs and which of them are peered. Pure data, validated before any call is made. */
export interface Topology {
  vpcs: VpcSpec[];
  /** Each pair once; the first asks for the peering, the second accepts. */
  peerings: PeeringSpec[];
}

export interface VpcSpec {
  /** The name in keys, flags and output, e.g. `vpc-1`. Lower-case letters, digits and hyphens. */
  name: string;
  /** The VPC's IPv4 block, /16 to /28. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
  cidr: string;
  /** The one public subnet's block, within `cidr`. */
  subnetCidr: string;
  /** True for the VPC whose instance is reached over SSH: it gets the Elastic IP and the port 22 rule. */
  connects: boolean;
}

export interface PeeringSpec {
  requester: string;
  accepter: string;
}

/** The tutorial's: two VPCs, one peering, SSH to the first. */
export function defaultTopology(): Topology {
  return topologyOf([
    ["vpc-1", "10.1.0.0/16"],
    ["vpc-2", "10.2.0.0/16"],
  ]);
}

interface Wishes {
  /**
   * `NAME=CIDR`, or a bare `CIDR` for the VPC of that place (`vpc-1`, `vpc-2`...). If all names are the default's, they
   * change its blocks and what is not named stays; otherwise the list is the whole topology. Empty: the default.
   */
  cidrs?: readonly string[];
  /** `REQUESTER~ACCEPTER`, as in keys. Empty: every pair, the earlier asking, since a peering is not transitive. */
  peerings?: readonly string[];
}

/** The topology that the command line asks for, validated. Throws UserError. */
export function topologyFrom({ cidrs = [], peerings = [] }: Wishes): Topology {
  const wanted = cidrs.map(parseVpc);
  const defaults = defaultTopology().vpcs.map(({ name, cidr }): NamedBlock => [name, cidr]);
  const changesDefault = wanted.every(([name]) => defaults.some(([known]) => known === name));
  const kept = changesDefault ? defaults.filter(([name]) => !wanted.some(([other]) => other === name)) : [];
  const blocks = [...kept, ...wanted];
  if (changesDefault) blocks.sort(([a], [b]) => (a < b ? -1 : 1));
  const topology = topologyOf(blocks);
  if (peerings.length > 0) topology.peerings = peerings.map(parsePeering);
  validateTopology(topology);
  return topology;
}

type NamedBlock = [name: string, cidr: string];

function parseVpc(text: string, place: number): NamedBlock {
  const [name, block, ...rest] = text.includes("=") ? text.split("=") : [`vpc-${place + 1}`, text];
  if (!name || !block || rest.length > 0) {
    throw new UserError(`'${text}' is not NAME=CIDR`, "write it like vpc-1=10.1.0.0/16");
  }
  return [name.trim(), block.trim()];
}

function parsePeering(text: string): PeeringSpec {
  const [requester, accepter, ...rest] = text.split("~");
  if (!requester || !accepter || rest.length > 0) {
    throw new UserError(`'${text}' is not REQUESTER~ACCEPTER`, "write it like vpc-1~vpc-2");
  }
  return { requester, accepter };
}

function topologyOf(blocks: readonly NamedBlock[]): Topology {
  const names = blocks.map(([name]) => name);
  return {
    vpcs: blocks.map(([name, cidr], place) => ({
      name,
      cidr,
      subnetCidr: firstSubnet(cidr),
      connects: place === 0,
    })),
    peerings: names.flatMap((requester, place) =>
      names.slice(place + 1).map((accepter) => ({ requester, accepter })),
    ),
  };
}

/** The block's first /24, or all of a smaller block. What is no block is left for validation to tell. */
function firstSubnet(text: string): string {
  const block = parseCidr(text);
  return block && block.prefix < 24 ? text.replace(/\/\d+$/, "/24") : text;
}
