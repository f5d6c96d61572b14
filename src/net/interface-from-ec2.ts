import { address } from "./cidr.ts";
import { must } from "./ec2-rows.ts";
import type { Ec2NetworkInterface } from "./ec2-shapes.ts";
import type { NetworkInterface } from "./types.ts";

export function interfaceFrom(row: Ec2NetworkInterface): NetworkInterface {
  const attachment = row.Attachment?.Status === "detached" ? undefined : row.Attachment;
  const ipv4 = [...(row.PrivateIpAddresses ?? [])].sort((a, b) => Number(!!b.Primary) - Number(!!a.Primary));
  const ipv6 = (row.Ipv6Addresses ?? []).map((own) => ({
    private: address(must(own.Ipv6Address, "Ipv6Address")).text,
  }));
  return {
    id: must(row.NetworkInterfaceId, "NetworkInterfaceId"),
    vpc: must(row.VpcId, "VpcId"),
    subnet: must(row.SubnetId, "SubnetId"),
    ...(attachment?.InstanceId && { instance: attachment.InstanceId }),
    ...(row.Status && { status: row.Status }),
    addresses: [
      ...ipv4.map((own) => ({
        private: must(own.PrivateIpAddress, "PrivateIpAddress"),
        ...(own.Association?.PublicIp && { public: own.Association.PublicIp }),
      })),
      ...ipv6,
    ],
    groups: (row.Groups ?? []).map((group) => must(group.GroupId, "GroupId")),
    sourceDestCheck: row.SourceDestCheck ?? true,
  };
}
