import type { EC2 } from "@aws-sdk/client-ec2";
import type { Tables } from "../../../src/lab/world.ts";
import type { Place } from "./place.ts";

/** Whatever a person may delete of a stack in the console, one at a time. */
export function deletions(ec2: EC2, tables: Tables, { lab }: Place): (() => Promise<unknown>)[] {
  const ours = (id: string) => tables.tags.get(id)?.has("peerctl:stack") === true;
  const of = (table: ReadonlyMap<string, unknown>) => [...table.keys()].filter(ours);
  return [
    ...of(tables.instances).map((id) => () => ec2.terminateInstances({ InstanceIds: [id] })),
    ...of(lab.world.peerings).map(
      (id) => () => ec2.deleteVpcPeeringConnection({ VpcPeeringConnectionId: id }),
    ),
    ...[...tables.addresses.values()]
      .filter(({ AllocationId }) => ours(AllocationId!))
      .map(({ AssociationId, AllocationId }) => async () => {
        if (AssociationId) await ec2.disassociateAddress({ AssociationId });
        await ec2.releaseAddress({ AllocationId });
      }),
    ...[...tables.routeTables.values()]
      .filter(({ RouteTableId }) => ours(RouteTableId!))
      .flatMap(({ RouteTableId, Routes, Associations }) => [
        ...(Routes ?? [])
          .filter(({ GatewayId }) => GatewayId !== "local")
          .map(
            ({ DestinationCidrBlock }) =>
              () =>
                ec2.deleteRoute({ RouteTableId, DestinationCidrBlock }),
          ),
        ...(Associations ?? []).map(
          ({ RouteTableAssociationId }) =>
            () =>
              ec2.disassociateRouteTable({ AssociationId: RouteTableAssociationId }),
        ),
      ]),
    ...[...tables.securityGroupRules.values()]
      .filter(({ GroupId, IsEgress }) => ours(GroupId!) && !IsEgress)
      .map(
        ({ GroupId, SecurityGroupRuleId }) =>
          () =>
            ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: [SecurityGroupRuleId!] }),
      ),
    ...of(tables.securityGroups).map((GroupId) => () => ec2.deleteSecurityGroup({ GroupId })),
    ...of(tables.subnets).map((SubnetId) => () => ec2.deleteSubnet({ SubnetId })),
  ];
}
