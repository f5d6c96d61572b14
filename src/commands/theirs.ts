import type { NetworkInterface, RouteTable, SecurityGroup, Subnet } from "@aws-sdk/client-ec2";
import { stackTag } from "../aws/tags.ts";
import { addedRoutes, addedRules, type Wanted } from "./added.ts";

/** Something in the stack's VPCs, or on what is the stack's, that peerctl did not make. */
export interface Theirs {
  /** The logical key of what it is in or on. */
  key: string;
  /** Its own; of what has none (a rule, a route) the id of what holds it. */
  id: string;
  detail: string;
}

/** All that is in the stack's VPCs. */
export interface Around {
  /** The stack's. */
  uuid: string;
  subnets: readonly Subnet[];
  groups: readonly SecurityGroup[];
  tables: readonly RouteTable[];
  interfaces: readonly NetworkInterface[];
}

/**
 * What others added to the stack.
 * @param keys the logical key of each id that is the stack's
 */
export function theirsIn(around: Around, keys: ReadonlyMap<string, string>, wanted: Wanted): Theirs[] {
  const { uuid, subnets, groups, tables, interfaces } = around;
  const isOurs = (id: string | undefined) => keys.has(id ?? "");
  const place = (...ids: (string | undefined)[]) => ids.map((id) => keys.get(id ?? "")).find(Boolean) ?? "";
  return [
    ...interfaces
      .filter((row) => !isLaunched(row, keys) && !isTagged(row, uuid))
      .map(({ NetworkInterfaceId, Description, InterfaceType, SubnetId, VpcId, Attachment }) => ({
        key: place(Attachment?.InstanceId, SubnetId, VpcId),
        id: NetworkInterfaceId!,
        detail: `network interface, ${Description ? `"${Description}"` : InterfaceType}`,
      })),
    ...interfaces
      .filter((row) => isLaunched(row, keys))
      .flatMap(({ NetworkInterfaceId, Groups, Attachment }) =>
        (Groups ?? [])
          .filter(({ GroupId }) => !isOurs(GroupId))
          .map(({ GroupId, GroupName }) => ({
            key: place(Attachment?.InstanceId),
            id: GroupId!,
            detail: `security group ${GroupName} on ${NetworkInterfaceId}`,
          })),
      ),
    ...subnets
      .filter(({ SubnetId }) => !isOurs(SubnetId))
      .map((row) => ({ key: place(row.VpcId), id: row.SubnetId!, detail: `subnet, ${row.CidrBlock}` })),
    ...groups.flatMap((row) => {
      const { GroupId, GroupName, VpcId } = row;
      if (isOurs(GroupId)) return addedRules(place(GroupId), row, wanted);
      const [referred] = referredBy(row).filter(isOurs);
      if (GroupName === "default" && !referred) return [];
      const refers = referred ? `, refers to ${referred}` : "";
      return [{ key: place(referred, VpcId), id: GroupId!, detail: `security group, ${GroupName}${refers}` }];
    }),
    ...tables.flatMap((row) => {
      const isMain = row.Associations?.some(({ Main }) => Main);
      if (isOurs(row.RouteTableId) || isMain)
        return addedRoutes(place(row.RouteTableId, row.VpcId), row, wanted);
      return [{ key: place(row.VpcId), id: row.RouteTableId!, detail: "route table" }];
    }),
  ];
}

/** The one that an instance of ours was launched with; what was attached to it later is somebody else's. */
export function isLaunched({ Attachment }: NetworkInterface, keys: ReadonlyMap<string, string>): boolean {
  return Attachment?.DeviceIndex === 0 && keys.has(Attachment.InstanceId ?? "");
}

/** It stays for a moment when its instance has ended. */
function isTagged({ TagSet }: NetworkInterface, uuid: string): boolean {
  return TagSet?.some(({ Key, Value }) => Key === stackTag && Value === uuid) === true;
}

function referredBy({ IpPermissions, IpPermissionsEgress }: SecurityGroup): (string | undefined)[] {
  return [...(IpPermissions ?? []), ...(IpPermissionsEgress ?? [])]
    .flatMap(({ UserIdGroupPairs }) => UserIdGroupPairs ?? [])
    .map(({ GroupId }) => GroupId);
}
