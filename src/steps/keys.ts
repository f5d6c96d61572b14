import type { PeeringSpec } from "../topology.ts";

/** The logical keys of what peerctl makes: `type/vpc`, or `type/vpc~vpc` for what lies between two VPCs. */
export const key = {
  vpc: (vpc: string) => `vpc/${vpc}`,
  subnet: (vpc: string) => `subnet/${vpc}`,
  internetGateway: (vpc: string) => `internet-gateway/${vpc}`,
  attachment: (vpc: string) => `attachment/${vpc}`,
  routeTable: (vpc: string) => `route-table/${vpc}`,
  association: (vpc: string) => `association/${vpc}`,
  internetRoute: (vpc: string) => `internet-route/${vpc}`,
  peering: ({ requester, accepter }: PeeringSpec) => `peering/${requester}~${accepter}`,
  acceptance: ({ requester, accepter }: PeeringSpec) => `acceptance/${requester}~${accepter}`,
  route: (from: string, to: string) => `route/${from}~${to}`,
  securityGroup: (vpc: string) => `security-group/${vpc}`,
  sshRule: (vpc: string) => `ssh-rule/${vpc}`,
  instance: (vpc: string) => `instance/${vpc}`,
  address: (vpc: string) => `address/${vpc}`,
  addressAssociation: (vpc: string) => `address-association/${vpc}`,
  icmpRule: (from: string, to: string) => `icmp-rule/${from}~${to}`,
};
