import { CreateRouteCommand, type CreateRouteCommandInput, ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { codeOf } from "../aws/codes.ts";
import type { Context } from "../context.ts";
import type { ResourceRecord } from "../state/schema.ts";
import { ensure } from "./ensure.ts";
import type { StepName } from "./step.ts";

type Target = Pick<CreateRouteCommandInput, "GatewayId" | "VpcPeeringConnectionId">;

/**
 * A route of one of our tables. A route has no id and no tags, so it is compared with the live table: one to the same
 * destination with another target (a peering that was deleted) is replaced.
 */
export async function ensureRoute(
  ctx: Context,
  wanted: {
    key: string;
    step: StepName;
    table: { key: string; id: string };
    destination: string;
    target: Target;
    /** What makes the target usable, as recorded: the peering, or the gateway's attachment. */
    madeUsable: ResourceRecord;
  },
): Promise<void> {
  const { table, destination, target } = wanted;
  const input = { RouteTableId: table.id, DestinationCidrBlock: destination, ...target };
  const targetId = target.GatewayId ?? target.VpcPeeringConnectionId ?? "";
  await ensure(ctx, {
    key: wanted.key,
    step: wanted.step,
    detail: `${destination} -> ${targetId}`,
    find: async () => {
      const row = await ctx.live.find("route-table", table.key, table.id);
      const route = row?.Routes?.find(
        (each) =>
          each.DestinationCidrBlock === destination &&
          (each.GatewayId ?? each.VpcPeeringConnectionId) === targetId,
      );
      return route && { id: table.id, attributes: { destination, target: targetId } };
    },
    outdated: ({ attributes }) => attributes.target !== targetId,
    create: async () => {
      // Both may be repeated: a second CreateRoute finds the first one's route, and replaces it by itself.
      const passing = isNew(ctx, wanted.madeUsable) ? untilUsable : [];
      await ctx.aws.ec2(new CreateRouteCommand(input), { fresh: true, passing }).catch((error) => {
        if (codeOf(error) !== "RouteAlreadyExists") throw error;
        return ctx.aws.ec2(new ReplaceRouteCommand(input), { fresh: true });
      });
      return { id: table.id, attributes: { destination, target: targetId } };
    },
  });
}

/**
 * How EC2 refuses a route to what it does not know yet to be usable: a peering that is `initiating-request`, a gateway that
 * was attached a moment ago ("belong to different networks"). To what has long been there they are final.
 */
const untilUsable = ["InvalidStateTransition", "InvalidParameterValue"];

function isNew({ clock }: Context, { madeAt }: ResourceRecord): boolean {
  return clock.now() - Date.parse(madeAt) < 30_000;
}
