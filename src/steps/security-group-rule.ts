import {
  AuthorizeSecurityGroupIngressCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { codeOf } from "../aws/codes.ts";
import { tagSpecifications } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import { ensure } from "./ensure.ts";
import type { StepName } from "./step.ts";

/** An inbound rule for one CIDR; ports, or ICMP type and code, as EC2 has them. */
export interface IngressRule {
  protocol: "tcp" | "icmp";
  fromPort: number;
  toPort: number;
  cidr: string;
  description: string;
}

/**
 * An inbound rule of one of our security groups. Where it was for another CIDR before (the caller has moved), that one is
 * closed once the new one is open.
 */
export async function ensureIngress(
  ctx: Context,
  wanted: { key: string; step: StepName; group: { key: string; id: string }; rule: IngressRule },
): Promise<void> {
  const { key, step, group, rule } = wanted;
  const found = { id: group.id, attributes: { cidr: rule.cidr } };
  await ensure(ctx, {
    key,
    step,
    detail: `${rule.protocol} from ${rule.cidr}`,
    find: async () => {
      const row = await ctx.live.find("security-group", group.key, group.id);
      return row?.IpPermissions?.some((each) => opens(each, rule)) ? found : undefined;
    },
    outdated: ({ attributes }) => attributes.cidr !== rule.cidr,
    create: async () => {
      const command = new AuthorizeSecurityGroupIngressCommand({
        GroupId: group.id,
        IpPermissions: [permission(rule)],
        TagSpecifications: tagSpecifications(ctx.stack, key, "security-group-rule"),
      });
      await ctx.aws.ec2(command, { fresh: true }).catch((error) => {
        if (codeOf(error) !== "InvalidPermission.Duplicate") throw error;
      });
      return found;
    },
  });
  if (!ctx.store.isNew && !ctx.look) await closeOthers(ctx, group, rule);
}

/**
 * Closes what earlier runs opened for other CIDRs: told by the description, since the record may be of the new CIDR already.
 * Rules that others added stay.
 */
async function closeOthers(
  ctx: Context,
  group: { key: string; id: string },
  rule: IngressRule,
): Promise<void> {
  const row = await ctx.live.find("security-group", group.key, group.id);
  const IpPermissions = (row?.IpPermissions ?? [])
    .filter((each) => isLike(each, rule))
    .flatMap(({ IpRanges }) => IpRanges ?? [])
    .filter(({ CidrIp, Description }) => Description === rule.description && CidrIp !== rule.cidr)
    .map(({ CidrIp }) => permission({ ...rule, cidr: CidrIp! }));
  if (IpPermissions.length === 0) return;
  const command = new RevokeSecurityGroupIngressCommand({ GroupId: group.id, IpPermissions });
  await ctx.aws.ec2(command).catch((error) => {
    if (codeOf(error) !== "InvalidPermission.NotFound") throw error;
  });
}

function permission({ protocol, fromPort, toPort, cidr, description }: IngressRule): IpPermission {
  return {
    IpProtocol: protocol,
    FromPort: fromPort,
    ToPort: toPort,
    IpRanges: [{ CidrIp: cidr, Description: description }],
  };
}

function opens(row: IpPermission, rule: IngressRule): boolean {
  return isLike(row, rule) && (row.IpRanges ?? []).some(({ CidrIp }) => CidrIp === rule.cidr);
}

/** The same protocol and ports; EC2 shows all CIDRs of those in one row. */
function isLike(row: IpPermission, { protocol, fromPort, toPort }: IngressRule): boolean {
  return row.IpProtocol === protocol && row.FromPort === fromPort && row.ToPort === toPort;
}
