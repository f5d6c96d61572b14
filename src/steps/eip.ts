import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  DisassociateAddressCommand,
  ReleaseAddressCommand,
} from "@aws-sdk/client-ec2";
import { describeByIds } from "../aws/by-id.ts";
import { codeOf, isNotFound } from "../aws/codes.ts";
import { tagSpecifications } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";

/**
 * An Elastic IP for the instance that we connect to: without a public address, nothing outside its VPC reaches it.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
 */
export const eip: Step = {
  name: "eip",
  needs: ["create-vpcs", "launch"],
  makes: ["address", "address-association"],
  apply: (ctx) =>
    together(
      ctx,
      ...ctx.topology.vpcs
        .filter(({ connects }) => connects)
        .flatMap(({ name }) => [allocate(ctx, name), associate(ctx, name)]),
    ),
  undo: (removal) =>
    together(
      removal,
      ...removal.owned("address").map(({ key }) =>
        removal.removeBy(key, async (AllocationId, send) => {
          const row = (await removal.live.rows("address")).find((each) => each.AllocationId === AllocationId);
          if (row?.AssociationId) await disassociate(removal, AllocationId, row.AssociationId);
          else if (await releaseUnassociated(removal, AllocationId)) return;
          await send(new ReleaseAddressCommand({ AllocationId }));
        }),
      ),
    ),
};

/** An association that is not known may have ended with its instance, which is under way; or be too new. */
async function disassociate({ aws, send }: Removal, AllocationId: string, AssociationId: string) {
  const command = new DisassociateAddressCommand({ AssociationId });
  try {
    await aws.ec2(command);
  } catch (error) {
    const [row] = isNotFound(error) ? await describeByIds(aws, "address", [AllocationId]) : [];
    if (row && row.AssociationId === undefined) return;
    await send(command);
  }
}

/**
 * Whether an address that is not shown as associated is released. Where it was associated only a moment ago EC2 knows, and
 * refuses: then the association is ended as soon as it is shown.
 */
async function releaseUnassociated(removal: Removal, AllocationId: string): Promise<boolean> {
  const { aws, clock, signal, settled, send } = removal;
  if (clock.now() >= settled) return false;
  try {
    await aws.ec2(new ReleaseAddressCommand({ AllocationId }));
    return true;
  } catch (error) {
    if (codeOf(error) !== "InvalidIPAddress.InUse") return false;
    await clock.sleep(settled - clock.now(), signal);
    const [row] = await describeByIds(aws, "address", [AllocationId]);
    const { AssociationId } = row ?? {};
    if (AssociationId) await send(new DisassociateAddressCommand({ AssociationId }));
    return false;
  }
}

async function allocate(ctx: Context, name: string) {
  const addressKey = key.address(name);
  await ensure(ctx, {
    key: addressKey,
    step: "eip",
    find: (id) =>
      findTagged(ctx, "address", addressKey, id, ({ PublicIp }) => ({
        attributes: { publicIp: PublicIp ?? "" },
      })),
    create: async () => {
      const { AllocationId, PublicIp } = await ctx.aws.ec2(
        new AllocateAddressCommand({
          Domain: "vpc",
          TagSpecifications: tagSpecifications(ctx.stack, addressKey, "elastic-ip"),
        }),
        { uncertain: "throw" },
      );
      return { id: AllocationId!, attributes: { publicIp: PublicIp! } };
    },
  });
}

/** To the interface, which is there before the instance runs; AWS may want to wait a moment all the same. */
async function associate(ctx: Context, name: string) {
  const [address, instance] = await Promise.all([
    ctx.board.need(key.address(name)),
    ctx.board.need(key.instance(name)),
    ctx.board.need(key.attachment(name)),
  ]);
  const NetworkInterfaceId = instance.attributes.interface;
  await ensure(ctx, {
    key: key.addressAssociation(name),
    step: "eip",
    detail: `${address.attributes.publicIp} on ${NetworkInterfaceId}`,
    find: async () => {
      const row = await ctx.live.find("address", key.address(name), address.id);
      return row?.NetworkInterfaceId === NetworkInterfaceId && row?.AssociationId
        ? { id: row.AssociationId }
        : undefined;
    },
    create: async () => {
      // Repeating it is safe: AWS answers with the same association.
      const { AssociationId } = await ctx.aws.ec2(
        new AssociateAddressCommand({ AllocationId: address.id, NetworkInterfaceId }),
        {
          fresh: true,
          passing: ["IncorrectState", "IncorrectInstanceState", "InvalidInstanceID", "Gateway.NotAttached"],
        },
      );
      return { id: AssociationId! };
    },
  });
}
