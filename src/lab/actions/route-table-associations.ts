import {
  AssociateRouteTable$,
  type AssociateRouteTableRequest,
  DisassociateRouteTable$,
  type DisassociateRouteTableRequest,
  ReplaceRouteTableAssociation$,
  type ReplaceRouteTableAssociationRequest,
  type RouteTable,
  type RouteTableAssociation,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { refuseUnmodelled } from "./parameters.ts";

const associated = { State: "associated" } as const;

/** https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html */
export const routeTableAssociationActions: Actions = {
  AssociateRouteTable: changes(AssociateRouteTable$, (input: AssociateRouteTableRequest, call) => {
    refuseUnmodelled(input, ["GatewayId", "PublicIpv4Pool"]);
    const table = find(call, "routeTable", input.RouteTableId);
    if (input.SubnetId === undefined) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter subnetId");
    }
    const subnet = find(call, "subnet", input.SubnetId);
    refuseOtherVpc(table, subnet.VpcId, `subnet ${subnet.SubnetId}`);
    const taken = [...call.tables.routeTables.values()].some((each) =>
      each.Associations?.some(({ SubnetId }) => SubnetId === subnet.SubnetId),
    );
    if (taken) {
      throw new Ec2Error(
        "Resource.AlreadyAssociated",
        `the specified association for route table ${table.RouteTableId} conflicts with an existing association`,
      );
    }
    const AssociationId = join(call, table, { Main: false, SubnetId: subnet.SubnetId });
    return { AssociationId, AssociationState: associated };
  }),

  DisassociateRouteTable: changes(DisassociateRouteTable$, (input: DisassociateRouteTableRequest, call) => {
    const { table, association } = findAssociation(call, input.AssociationId);
    if (association.Main) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `cannot disassociate the main route table association ${input.AssociationId}`,
      );
    }
    leave(table, association);
  }),

  /** Of a main association: the new table becomes the VPC's main one. */
  ReplaceRouteTableAssociation: changes(
    ReplaceRouteTableAssociation$,
    (input: ReplaceRouteTableAssociationRequest, call) => {
      const { table: before, association } = findAssociation(call, input.AssociationId);
      const table = find(call, "routeTable", input.RouteTableId);
      refuseOtherVpc(table, before.VpcId, `association ${input.AssociationId}`);
      leave(before, association);
      const { Main, SubnetId } = association;
      return { NewAssociationId: join(call, table, { Main, SubnetId }), AssociationState: associated };
    },
  ),
};

function findAssociation(call: Call, id: string | undefined) {
  for (const table of call.tables.routeTables.values()) {
    const association = table.Associations?.find((each) => each.RouteTableAssociationId === id);
    if (association) return { table, association };
  }
  throw new Ec2Error("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`);
}

function refuseOtherVpc(table: RouteTable, vpcId: string | undefined, other: string): void {
  if (table.VpcId === vpcId) return;
  throw new Ec2Error(
    "InvalidParameterValue",
    `Route table ${table.RouteTableId} and ${other} belong to different networks`,
  );
}

function join(call: Call, table: RouteTable, what: RouteTableAssociation): string {
  const RouteTableAssociationId = call.world.ids.make("rtbassoc");
  const { RouteTableId } = table;
  const association = { ...what, RouteTableAssociationId, RouteTableId, AssociationState: associated };
  table.Associations = [...(table.Associations ?? []), association];
  return RouteTableAssociationId;
}

function leave(table: RouteTable, association: RouteTableAssociation): void {
  table.Associations = table.Associations?.filter((each) => each !== association);
}
