import type { Instance, InstanceNetworkInterface, NetworkInterface } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { tagList } from "../tags.ts";
import type { InstanceRecord } from "../world.ts";
import { interfacesOf, shownInterface } from "./network-interface-rows.ts";
import { privateDnsName } from "./public-addresses.ts";

export interface InstanceView {
  record: InstanceRecord;
  instance: Instance;
  /** As DescribeNetworkInterfaces shows them, by device index. */
  interfaces: NetworkInterface[];
}

/**
 * An instance as DescribeInstances shows it. Addresses, groups and source/dest check are those of its interfaces, of which
 * the first (device index 0) speaks for the instance.
 */
export function viewOf(call: Call, record: InstanceRecord): InstanceView {
  const { InstanceId, PrivateIpAddress } = record.instance;
  const interfaces = interfacesOf(call.tables, InstanceId!).map((eni) => shownInterface(call, eni));
  const [primary] = interfaces;
  const { PublicIp, PublicDnsName = "" } = primary?.Association ?? {};
  const instance: Instance = {
    ...record.instance,
    NetworkInterfaces: interfaces.map(asInstanceInterface),
    SecurityGroups: primary?.Groups ?? [],
    ...(primary && { SourceDestCheck: primary.SourceDestCheck }),
    ...(PublicIp !== undefined && { PublicIpAddress: PublicIp }),
    PublicDnsName,
    PrivateDnsName: PrivateIpAddress ? privateDnsName(call.region, PrivateIpAddress) : "",
    Tags: tagList(call, InstanceId!),
  };
  return { record, instance, interfaces };
}

function asInstanceInterface(eni: NetworkInterface): InstanceNetworkInterface {
  const { Attachment, Association, TagSet: _tags, ...rest } = eni;
  const { InstanceId: _id, InstanceOwnerId: _owner, ...attachment } = Attachment ?? {};
  return { ...rest, Attachment: attachment, ...(Association && { Association }) };
}
