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
 * An inbound rule of one of our security groups. Where the rule on record was for another CIDR (the caller has moved), that
 * one is closed once the new one is open.
 */
export async function ensureIngress(
  ctx: Context,
  wanted: { key: string; step: StepName; group: { key: string; id: string }; rule: IngressRule },
): Promise<void> {
  const { key, step, group, rule } = wanted;
  const found = { id: group.id, attributes: { cidr: rule.cidr } };
  const before = ctx.store.get(key)?.attributes.cidr;
  await ensure(ctx, {
    key,
    step,
    detail: `${rule.protocol} from ${rule.cidr}`,
    find: async () => {
      const row = await ctx.live.find("security-group", group.key, group.id);
      return row?.IpPermissions?.some((each) => opens(each, rule)) ? found : undefined;
    },
    create: async () => {
      const command = new AuthorizeSecurityGroupIngressCommand({
        GroupId: group.id,
        IpPermissions: [permission(rule)],
        TagSpecifications: tagSpecifications(ctx.stack, key, "security-group-rule"),
      });
      await ctx.aws.ec2(command, { fresh: true }).catch((error) => {
        if (codeOf(error) !== "InvalidPermission.Duplicate") throw error;
      });
      if (before && before !== rule.cidr) await revokeIngress(ctx, group.id, { ...rule, cidr: before });
      return found;
    },
  });
}

async function revokeIngress(ctx: Context, GroupId: string, rule: IngressRule): Promise<void> {
  const command = new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission(rule)] });
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

function opens(row: IpPermission, { protocol, fromPort, toPort, cidr }: IngressRule): boolean {
  return (
    row.IpProtocol === protocol &&
    row.FromPort === fromPort &&
    row.ToPort === toPort &&
    (row.IpRanges ?? []).some(({ CidrIp }) => CidrIp === cidr)
  );
}
