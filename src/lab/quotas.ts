import type { World } from "./world.ts";

/** How many of each an account may have in a Region. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export interface Quotas {
  vpcs: number;
  internetGateways: number;
  elasticIps: number;
  subnetsPerVpc: number;
  routeTablesPerVpc: number;
  routesPerTable: number;
  cidrBlocksPerVpc: number;
  peeringsPerVpc: number;
  rulesPerSecurityGroup: number;
}

/** What a new account has. */
const defaultQuotas: Quotas = {
  vpcs: 5,
  internetGateways: 5,
  elasticIps: 5,
  subnetsPerVpc: 200,
  routeTablesPerVpc: 200,
  routesPerTable: 500,
  cidrBlocksPerVpc: 5,
  peeringsPerVpc: 50,
  rulesPerSecurityGroup: 60,
};

/** The quota in force: the world's own where it has one, else AWS's default. */
export function quota(world: World, name: keyof Quotas): number {
  return world.quotas?.[name] ?? defaultQuotas[name];
}
