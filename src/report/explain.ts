import type { Hop } from "../net/types.ts";

const guide = "https://docs.aws.amazon.com/vpc/latest/userguide";

/** What each thing on the way does with a packet, for those who learn, and where AWS says so. */
export const explanations: Readonly<Record<Hop["kind"], { text: string; page: string }>> = {
  instance: {
    text: "Only a running instance sends and answers. A stopped one keeps its network interface and private address, and loses a public address that is not an Elastic IP.",
    page: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html",
  },
  interface: {
    text: "An elastic network interface is a virtual network card. With its source/destination check on, it takes only packets to its own addresses and sends only from them; routers and NAT instances need it off.",
    page: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html",
  },
  "security-group": {
    text: "A security group acts as a virtual firewall for the instance. It has only allow rules, and all rules of all its groups count together. It is stateful: the answer to what was allowed passes without a rule.",
    page: `${guide}/vpc-security-groups.html`,
  },
  "network-acl": {
    text: "A network ACL allows or denies traffic at the subnet's edge. Its rules apply in order of their numbers and the first match decides. It is stateless: the answer needs a rule of its own, for the ephemeral port that it goes to.",
    page: `${guide}/vpc-network-acls.html`,
  },
  "route-table": {
    text: "A subnet's route table, its own or the VPC's main one, says where traffic goes. The most specific route that matches the destination decides. A route whose target is gone stays, in the state blackhole, and drops.",
    page: `${guide}/VPC_Route_Tables.html`,
  },
  "internet-gateway": {
    text: "An internet gateway translates between an instance's private IPv4 address and its public one, one to one. A VPC has at most one, and it carries nothing for an instance without a public address.",
    page: `${guide}/VPC_Internet_Gateway.html`,
  },
  peering: {
    text: "A VPC peering connection carries traffic between its two VPCs by their private addresses once it is active and both sides have routes. It is not transitive: what comes from or goes to a third network does not pass.",
    page: "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html",
  },
  vpc: {
    text: "Inside a VPC a packet goes to the network interface that has its destination address. VPC Block Public Access, where it is on, shuts the VPC's internet gateway.",
    page: `${guide}/what-is-amazon-vpc.html`,
  },
};
