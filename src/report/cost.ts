/**
 * List prices in us-east-1, in USD an hour, outside the free tier.
 * https://aws.amazon.com/ec2/pricing/on-demand/ and https://aws.amazon.com/vpc/pricing/
 */
const price = {
  /** t3.micro, Linux, with its 8 GiB gp3 volume (0.08 USD a GiB and month). */
  instance: 0.0104 + (8 * 0.08) / 730,
  /** A public IPv4 address, attached or not. */
  address: 0.005,
};

/** What these cost, in USD an hour. VPCs, subnets, gateways and peerings cost nothing by themselves. */
export function hourlyCost({ instances, addresses }: { instances: number; addresses: number }): number {
  return instances * price.instance + addresses * price.address;
}

export function usd(amount: number): string {
  return `${amount === 0 ? "0" : amount.toFixed(3)} USD`;
}
