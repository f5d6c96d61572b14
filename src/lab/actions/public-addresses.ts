import type { NetworkInterface, NetworkInterfaceAssociation } from "@aws-sdk/client-ec2";
import { Ec2Error } from "../error.ts";
import type { World } from "../world.ts";

/** TEST-NET-3: addresses that are nobody's. https://www.rfc-editor.org/rfc/rfc5737 */
const publicBlock = "203.0.113.";
const hosts = 254;

/**
 * Public addresses that nothing in the world has: neither as an Elastic IP nor on an interface. Throws where there are fewer
 * than `count`, so ask for all that a call needs before it changes anything.
 */
export function freePublicAddresses(world: World, count: number): string[] {
  const used = new Set<string>();
  for (const tables of world.tables.values()) {
    for (const address of tables.addresses.values()) used.add(address.PublicIp!);
    for (const eni of tables.networkInterfaces.values()) {
      for (const each of eni.PrivateIpAddresses ?? []) used.add(each.Association?.PublicIp ?? "");
    }
  }
  const start = count > 0 ? world.ids.number(hosts) : 0;
  const all = Array.from({ length: hosts }, (_, step) => `${publicBlock}${((start + step) % hosts) + 1}`);
  const free = all.filter((address) => !used.has(address));
  if (free.length >= count) return free.slice(0, count);
  throw new Ec2Error(
    "InsufficientAddressCapacity",
    "There is not enough capacity to fulfill your address request.",
    503,
  );
}

/** Puts a public address on one private address of an interface, or takes it off. */
export function setAssociation(
  eni: NetworkInterface,
  privateAddress: string,
  association: NetworkInterfaceAssociation | undefined,
): void {
  for (const each of eni.PrivateIpAddresses ?? []) {
    if (each.PrivateIpAddress !== privateAddress) continue;
    if (association) each.Association = association;
    else delete each.Association;
  }
  if (eni.PrivateIpAddress !== privateAddress) return;
  if (association) eni.Association = association;
  else delete eni.Association;
}

/** Gives an interface's primary address a public one of Amazon's pool, as instances get that launch with one. */
export function setAutoAddress(eni: NetworkInterface, PublicIp: string): void {
  setAssociation(eni, eni.PrivateIpAddress!, { IpOwnerId: "amazon", PublicIp });
}

/** `ip-10-1-0-4.ec2.internal`. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html */
export function privateDnsName(region: string, address: string): string {
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return `ip-${address.replaceAll(".", "-")}.${domain}`;
}

export function publicDnsName(region: string, address: string): string {
  const domain = region === "us-east-1" ? "compute-1" : `${region}.compute`;
  return `ec2-${address.replaceAll(".", "-")}.${domain}.amazonaws.com`;
}
