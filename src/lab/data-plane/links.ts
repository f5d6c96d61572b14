import type { NetworkInterface } from "@aws-sdk/client-ec2";
import { addressOf, cidr } from "../../net/cidr.ts";
import type { Tables } from "../world.ts";
import type { Link } from "./guest/guest.ts";
import { attachedInterfaces, type Placed } from "./records.ts";

/** systemd names the interfaces of a Nitro instance by PCI slot; the primary one is in slot 5. */
const firstSlot = 5;

/**
 * The instance's interfaces with their ids, as DHCP sets them up in the guest: named for their device index, so that one that
 * is detached renames no other. The router is the subnet's base plus one, the resolver the
 * VPC's base plus two. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function linksOf(placed: Placed): (Link & { id: string })[] {
  return attachedInterfaces(placed).flatMap((row) => {
    const link = linkOf(placed.tables, row);
    return link ? { ...link, id: row.NetworkInterfaceId ?? "" } : [];
  });
}

function linkOf(tables: Tables, row: NetworkInterface): Link | undefined {
  const subnetBlock = tables.subnets.get(row.SubnetId ?? "")?.CidrBlock;
  const vpcBlock = tables.vpcs.get(row.VpcId ?? "")?.CidrBlock;
  if (!subnetBlock || !vpcBlock || !row.PrivateIpAddress) return undefined;
  const subnet = cidr(subnetBlock);
  const secondary = row.PrivateIpAddresses?.filter((each) => !each.Primary) ?? [];
  return {
    name: `ens${firstSlot + (row.Attachment?.DeviceIndex ?? 0)}`,
    mac: row.MacAddress ?? "00:00:00:00:00:00",
    addresses: [row.PrivateIpAddress, ...secondary.flatMap((each) => each.PrivateIpAddress ?? [])],
    prefixLength: subnet.prefix,
    broadcast: addressOf(4, subnet.last).text,
    router: addressOf(4, Number(subnet.first) + 1).text,
    resolver: addressOf(4, Number(cidr(vpcBlock).first) + 2).text,
    ipv6: row.Ipv6Addresses?.flatMap((each) => each.Ipv6Address ?? []) ?? [],
  };
}
