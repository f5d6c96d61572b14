import { DeleteRouteCommand } from "@aws-sdk/client-ec2";
import { keyTag, tagOf } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import type { PeeringSpec } from "../topology.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import { ensureRoute } from "./routes.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";

/**
 * Routes both ways: a peering carries nothing until each side's table sends the other's CIDR to it.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
 */
export const route: Step = {
  name: "route",
  needs: ["create-vpcs", "peer"],
  makes: ["route"],
  apply: (ctx) =>
    together(
      ctx,
      ...ctx.topology.peerings.flatMap((peering) => [
        routeTo(ctx, peering, peering.requester, peering.accepter),
        routeTo(ctx, peering, peering.accepter, peering.requester),
      ]),
    ),
  undo: removeRoutes,
};

/** The peering need not be active: AWS takes the route before, and it works from the moment that the peering does. */
async function routeTo(ctx: Context, peering: PeeringSpec, from: string, to: string) {
  const [table, connection] = await Promise.all([
    ctx.board.need(key.routeTable(from)),
    ctx.board.need(key.peering(peering)),
  ]);
  await ensureRoute(ctx, {
    key: key.route(from, to),
    step: "route",
    table: { key: key.routeTable(from), id: table.id },
    destination: ctx.topology.vpcs.find(({ name }) => name === to)!.cidr,
    target: { VpcPeeringConnectionId: connection.id },
    madeUsable: connection,
  });
}

async function removeRoutes(removal: Removal): Promise<void> {
  // They go with their tables.
  if (removal.undoes("create-vpcs")) return;
  // A route to a peering that is over is still in its table, as a blackhole.
  const peerings = removal.ids("peering");
  const tables = await removal.live.rows("route-table");
  await together(
    removal,
    ...tables.flatMap(({ RouteTableId, Routes, Tags }) =>
      (Routes ?? [])
        .filter(({ VpcPeeringConnectionId }) => peerings.has(VpcPeeringConnectionId ?? ""))
        .map(({ DestinationCidrBlock, VpcPeeringConnectionId }) =>
          removal.removePart(
            `${tagOf({ Tags }, keyTag)}: ${DestinationCidrBlock} -> ${VpcPeeringConnectionId}`,
            new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock }),
          ),
        ),
    ),
  );
}
