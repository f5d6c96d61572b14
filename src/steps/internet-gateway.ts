import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  DeleteInternetGatewayCommand,
  DetachInternetGatewayCommand,
} from "@aws-sdk/client-ec2";
import { tagSpecifications } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import type { Send } from "./send-delete.ts";

export function makeGateway(ctx: Context, { name }: VpcSpec) {
  const gatewayKey = key.internetGateway(name);
  return ensure(ctx, {
    key: gatewayKey,
    step: "create-vpcs",
    find: (id) => findTagged(ctx, "internet-gateway", gatewayKey, id),
    create: async () => {
      const { InternetGateway } = await ctx.aws.ec2(
        new CreateInternetGatewayCommand({
          TagSpecifications: tagSpecifications(ctx.stack, gatewayKey, "internet-gateway"),
        }),
        { uncertain: "throw" },
      );
      return { id: InternetGateway!.InternetGatewayId! };
    },
  });
}

export async function attachGateway(ctx: Context, { name }: VpcSpec) {
  const [vpc, gateway] = await Promise.all([
    ctx.board.need(key.vpc(name)),
    ctx.board.need(key.internetGateway(name)),
  ]);
  await ensure(ctx, {
    key: key.attachment(name),
    step: "create-vpcs",
    detail: `to ${vpc.id}`,
    find: async () => {
      const row = await ctx.live.find("internet-gateway", key.internetGateway(name), gateway.id);
      const attached = row?.Attachments?.some(({ VpcId }) => VpcId === vpc.id);
      return attached ? { id: gateway.id } : undefined;
    },
    create: async () => {
      await ctx.aws.ec2(
        new AttachInternetGatewayCommand({ InternetGatewayId: gateway.id, VpcId: vpc.id }),
        // Throws where the answer was lost: `find` then sees whether it was attached.
        { uncertain: "throw", fresh: true },
      );
      return { id: gateway.id };
    },
  });
}

export function removeGateway(removal: Removal, name: string) {
  // A gateway cannot be detached while the VPC has mapped public addresses.
  const after = [key.address(name)];
  const remove = async (gateway: string, send: Send) => {
    const row = (await removal.live.rows("internet-gateway")).find(
      ({ InternetGatewayId }) => InternetGatewayId === gateway,
    );
    const shown = (row?.Attachments ?? []).map(({ VpcId }) => VpcId!);
    // One that was attached a moment ago may not be shown so yet.
    const isSettled = removal.clock.now() >= removal.settled;
    const vpc = removal.owned("vpc").find((each) => each.name === name);
    for (const VpcId of new Set([...shown, ...(isSettled ? [] : (vpc?.ids ?? []))])) {
      await send(new DetachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId }));
    }
    await send(new DeleteInternetGatewayCommand({ InternetGatewayId: gateway }));
  };
  return removal.removeBy(key.internetGateway(name), remove, after);
}
