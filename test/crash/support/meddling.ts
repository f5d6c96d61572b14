import type { EC2, InternetGateway, NetworkInterface } from "@aws-sdk/client-ec2";
import type { Tables } from "../../../src/lab/world.ts";
import { deletions } from "./deletions.ts";
import type { Place } from "./place.ts";
import { additions, asSomebody } from "./theirs.ts";

/** What somebody else's hand may do to a stack, in the console or with a tool of theirs. */
type Hand = (ec2: EC2, tables: Tables, place: Place, pick: number) => (() => Promise<unknown>)[];

const isOurs = (tables: Tables, id: string | undefined) =>
  tables.tags.get(id ?? "")?.has("peerctl:stack") === true;

const ownIn = <Row>(tables: Tables, table: ReadonlyMap<string, Row>): [id: string, row: Row][] =>
  [...table].filter(([id]) => isOurs(tables, id));

const interfacesOf = (tables: Tables): NetworkInterface[] =>
  [...tables.networkInterfaces.values()].filter(({ Attachment }) => isOurs(tables, Attachment?.InstanceId));

/** A port that no rule of ours has. */
export const theirPort = 8080;

const hands = {
  delete: deletions,
  add: (ec2, tables, _place, pick) => additions(ec2, tables, pick),
  stop: (ec2, { instances }) =>
    [...instances.keys()].map((id) => () => ec2.stopInstances({ InstanceIds: [id] })),
  accept: (ec2, tables, { lab }) =>
    ownIn(tables, lab.world.peerings).map(
      ([VpcPeeringConnectionId]) =>
        () =>
          ec2.acceptVpcPeeringConnection({ VpcPeeringConnectionId }),
    ),
  reject: (ec2, tables, { lab }) =>
    ownIn(tables, lab.world.peerings).map(
      ([VpcPeeringConnectionId]) =>
        () =>
          ec2.rejectVpcPeeringConnection({ VpcPeeringConnectionId }),
    ),
  "send elsewhere": (ec2, tables) =>
    ownIn(tables, tables.routeTables).flatMap(([RouteTableId, { VpcId, Routes }]) => {
      const target = interfacesOf(tables).find((each) => each.VpcId === VpcId)?.NetworkInterfaceId;
      return (target ? (Routes ?? []) : [])
        .filter(({ GatewayId }) => GatewayId !== "local")
        .map(
          ({ DestinationCidrBlock }) =>
            () =>
              ec2.replaceRoute({ RouteTableId, DestinationCidrBlock, NetworkInterfaceId: target }),
        );
    }),
  "move the address": (ec2, tables) =>
    ownIn(tables, tables.addresses).flatMap(([AllocationId]) =>
      interfacesOf(tables).map(
        ({ NetworkInterfaceId }) =>
          () =>
            ec2.associateAddress({ AllocationId, NetworkInterfaceId, AllowReassociation: true }),
      ),
    ),
  "use another table": (ec2, tables) =>
    ownIn(tables, tables.routeTables).flatMap(([, { VpcId, Associations }]) => {
      const main = [...tables.routeTables.values()].find(
        (each) => each.VpcId === VpcId && each.Associations?.some(({ Main }) => Main),
      );
      return (Associations ?? []).map(
        ({ RouteTableAssociationId }) =>
          () =>
            ec2.replaceRouteTableAssociation({
              AssociationId: RouteTableAssociationId,
              RouteTableId: main?.RouteTableId,
            }),
      );
    }),
  "let more in": (ec2, tables) =>
    ownIn(tables, tables.securityGroups).map(
      ([GroupId]) =>
        () =>
          ec2.authorizeSecurityGroupIngress({
            GroupId,
            IpPermissions: [
              {
                IpProtocol: "tcp",
                FromPort: theirPort,
                ToPort: theirPort,
                IpRanges: [{ CidrIp: "192.0.2.0/24" }],
              },
            ],
          }),
    ),
  "swap the group": (ec2, tables) =>
    interfacesOf(tables).flatMap(({ NetworkInterfaceId, VpcId }) => {
      const group = [...tables.securityGroups.values()].find(
        (each) => each.VpcId === VpcId && each.GroupName === "default",
      );
      return group
        ? [() => ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId, Groups: [group.GroupId!] })]
        : [];
    }),
  "move the gateway": (ec2, tables) =>
    ownIn(tables, tables.internetGateways).flatMap(
      ([InternetGatewayId, { Attachments }]: [string, InternetGateway]) =>
        (Attachments ?? []).map(
          ({ VpcId }) =>
            () =>
              ec2.detachInternetGateway({ InternetGatewayId, VpcId }),
        ),
    ),
} satisfies Record<string, Hand>;

export type Meddling = keyof typeof hands;

export const meddlings = Object.keys(hands) as Meddling[];

/** Does it to the `pick`-th thing that it can be done to, where the stack has one. */
export function meddle(place: Place, how: Meddling, pick: number): Promise<void> {
  return asSomebody(place, async (ec2) => {
    const hand: Hand = hands[how];
    const all = [...place.lab.world.tables.values()].flatMap((tables) => hand(ec2, tables, place, pick));
    // What AWS refuses to a person is refused to this one too.
    await all[pick % Math.max(1, all.length)]?.().catch(() => undefined);
  });
}
