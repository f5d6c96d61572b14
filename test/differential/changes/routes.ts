import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
} from "@aws-sdk/client-ec2";
import { byVpc, type Change, type Scene } from "./scene.ts";

/** Some way that leads somewhere. */
function target({ snapshot, chance }: Scene, vpc: string): object {
  const gateway = snapshot.internetGateways.find((each) => each.vpc === vpc);
  const peerings = snapshot.peerings.filter(
    ({ requester, accepter }) => requester.vpc === vpc || accepter.vpc === vpc,
  );
  const cards = snapshot.interfaces.filter((each) => each.vpc === vpc);
  return chance.pick([
    ...(gateway ? [{ GatewayId: gateway.id }] : []),
    ...peerings.map(({ id }) => ({ VpcPeeringConnectionId: id })),
    ...(cards.length > 0 ? [{ NetworkInterfaceId: chance.pick(cards).id }] : []),
    { GatewayId: gateway?.id ?? "igw-none" },
  ]);
}

function someRoute({ snapshot, chance }: Scene) {
  const routes = snapshot.routeTables.flatMap((table) =>
    table.routes
      .filter((route) => route.target.kind !== "local")
      .map((route) => ({ RouteTableId: table.id, vpc: table.vpc, DestinationCidrBlock: route.destination })),
  );
  return routes.length > 0 ? chance.pick(routes) : undefined;
}

async function associations({ at }: Scene, vpc: string) {
  const { RouteTables } = await at(vpc).send(new DescribeRouteTablesCommand(byVpc(vpc)));
  return RouteTables!.flatMap((table) => table.Associations ?? []);
}

export const routeChanges: Record<string, Change> = {
  "delete a route": async (scene) => {
    const route = someRoute(scene);
    if (!route) return;
    const { vpc, ...input } = route;
    await scene.at(vpc).send(new DeleteRouteCommand(input));
  },
  "replace a route": async (scene) => {
    const route = someRoute(scene);
    if (!route) return;
    const { vpc, ...input } = route;
    await scene.at(vpc).send(new ReplaceRouteCommand({ ...input, ...target(scene, vpc) }));
  },
  "make a route": async (scene) => {
    const { id: RouteTableId, vpc } = scene.chance.pick(scene.snapshot.routeTables);
    const DestinationCidrBlock = scene.chance.pick(scene.blocks);
    const input = { RouteTableId, DestinationCidrBlock, ...target(scene, vpc) };
    await scene.at(vpc).send(new CreateRouteCommand(input));
  },
  "replace the main table": async (scene) => {
    const { id: RouteTableId, vpc } = scene.chance.pick(scene.snapshot.routeTables);
    const main = (await associations(scene, vpc)).find((each) => each.Main);
    const AssociationId = main!.RouteTableAssociationId!;
    await scene.at(vpc).send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId }));
  },
  "give a subnet another table": async (scene) => {
    const { id: RouteTableId, vpc } = scene.chance.pick(scene.snapshot.routeTables);
    const own = (await associations(scene, vpc)).filter((each) => each.SubnetId);
    const subnets = scene.snapshot.subnets.filter((each) => each.vpc === vpc);
    if (own.length > 0 && scene.chance.percent(50)) {
      const AssociationId = scene.chance.pick(own).RouteTableAssociationId!;
      await (scene.chance.percent(50)
        ? scene.at(vpc).send(new DisassociateRouteTableCommand({ AssociationId }))
        : scene.at(vpc).send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId })));
    } else if (subnets.length > 0) {
      const SubnetId = scene.chance.pick(subnets).id;
      await scene.at(vpc).send(new AssociateRouteTableCommand({ SubnetId, RouteTableId }));
    }
  },
};
