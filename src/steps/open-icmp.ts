import { type IpPermission, type IpRange, RevokeSecurityGroupIngressCommand } from "@aws-sdk/client-ec2";
import { keyTag, tagOf } from "../aws/tags.ts";
import type { Context } from "../context.ts";
import { type PingPair, pingPairs } from "../ping-pairs.ts";
import { key } from "./keys.ts";
import type { Removal } from "./removal.ts";
import { ensureIngress } from "./security-group-rule.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";

/**
 * Echo requests from the peer's CIDR. A security group lets nothing in by default; the reply needs no rule, because
 * security groups are stateful. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 */
export const openIcmp: Step = {
  name: "open-icmp",
  needs: ["launch"],
  makes: ["icmp-rule"],
  apply: (ctx) => together(ctx, ...pingPairs(ctx.topology).map((pair) => openTo(ctx, pair))),
  undo: closeAll,
};

/** ICMP type 8 (echo request), any code. */
export const echoRequest = { protocol: "icmp", fromPort: 8, toPort: -1 } as const;

/** What the rules' descriptions begin with. */
const purpose = "ping from ";

async function openTo(ctx: Context, { from, to }: PingPair) {
  const group = await ctx.board.need(key.securityGroup(to.name));
  await ensureIngress(ctx, {
    key: key.icmpRule(from.name, to.name),
    step: "open-icmp",
    group: { key: key.securityGroup(to.name), id: group.id },
    rule: { ...echoRequest, cidr: from.cidr, description: `${purpose}${from.name}` },
  });
}

async function closeAll(removal: Removal): Promise<void> {
  // They go with their groups.
  if (removal.undoes("launch")) return;
  const groups = await removal.live.rows("security-group");
  const isEcho = ({ IpProtocol, FromPort }: IpPermission) =>
    IpProtocol === echoRequest.protocol && FromPort === echoRequest.fromPort;
  // What others let in stays: ours are told by their description.
  const isOurs = ({ Description }: IpRange) => Description?.startsWith(purpose);
  await together(
    removal,
    ...groups.flatMap(({ GroupId, IpPermissions, Tags }) =>
      (IpPermissions ?? []).filter(isEcho).flatMap(({ IpProtocol, FromPort, ToPort, IpRanges }) =>
        (IpRanges ?? []).filter(isOurs).map((range) =>
          removal.removePart(
            `${tagOf({ Tags }, keyTag)}: icmp from ${range.CidrIp}`,
            new RevokeSecurityGroupIngressCommand({
              GroupId,
              IpPermissions: [{ IpProtocol, FromPort, ToPort, IpRanges: [range] }],
            }),
          ),
        ),
      ),
    ),
  );
}
