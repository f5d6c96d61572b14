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
