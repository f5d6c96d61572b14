import type { BlockerCode } from "./types.ts";

const guide = "https://docs.aws.amazon.com/vpc/latest/userguide";
const peering = "https://docs.aws.amazon.com/vpc/latest/peering";
const ec2 = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide";

/** Where AWS explains what each blocker is about. */
export const blockerPages: Readonly<Record<BlockerCode, string>> = {
  "instance-not-running": `${ec2}/ec2-instance-lifecycle.html`,
  "no-public-address": `${guide}/VPC_Internet_Gateway.html#vpc-igw-internet-access`,
  "no-internet-gateway": `${guide}/VPC_Internet_Gateway.html`,
  "block-public-access": `${guide}/security-vpc-bpa.html`,
  "no-route": `${guide}/RouteTables.html`,
  "route-blackhole": "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html",
  "route-elsewhere": `${guide}/route-table-options.html`,
  "peering-not-active": `${peering}/vpc-peering-basics.html#vpc-peering-lifecycle`,
  "peering-not-transitive": `${peering}/vpc-peering-basics.html#vpc-peering-limitations`,
  "address-unknown": `${guide}/vpc-ip-addressing.html`,
  "security-group-egress": `${guide}/security-group-rules.html`,
  "security-group-ingress": `${guide}/security-group-rules.html`,
  "network-acl-egress": `${guide}/nacl-rules.html`,
  "network-acl-ingress": `${guide}/nacl-rules.html`,
  "source-dest-check": `${guide}/VPC_NAT_Instance.html`,
};
