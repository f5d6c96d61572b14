import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  type Instance,
  StartInstancesCommand,
} from "@aws-sdk/client-ec2";
import { boot, instancePoller } from "../aws/instance-poller.ts";
import { deadInstance } from "../aws/live.ts";
import type { Poller } from "../aws/poller.ts";
import { tagSpecifications } from "../aws/tags.ts";
import { clientToken } from "../aws/token.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import { runInstance } from "./run-instance.ts";
import { ensureIngress } from "./security-group-rule.ts";
import type { Step } from "./step.ts";
import { terminate } from "./terminate.ts";
import { together } from "./together.ts";
import { withRoom } from "./zone.ts";

/**
 * A security group and an instance in each VPC, without key pairs: EC2 Instance Connect brings a key for each connection.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-linux-inst-eic.html
 */
export const launch: Step = {
  name: "launch",
  needs: ["create-vpcs"],
  makes: ["security-group", "ssh-rule", "instance"],
  apply: (ctx) => {
    const instances = instancePoller(ctx, boot);
    return together(
      ctx,
      ...ctx.topology.vpcs.flatMap((vpc) => [
        makeGroup(ctx, vpc),
        openSsh(ctx, vpc),
        makeInstance(ctx, instances, vpc),
      ]),
    );
  },
  undo: (removal) =>
    together(
      removal,
      terminate(removal, removal.owned("instance")),
      ...removal
        .owned("security-group")
        .map((group) =>
          removal.remove(group.key, (GroupId) => new DeleteSecurityGroupCommand({ GroupId }), [
            key.instance(group.name),
          ]),
        ),
    ),
};

async function makeGroup(ctx: Context, { name }: VpcSpec) {
  const groupKey = key.securityGroup(name);
  const vpc = await ctx.board.need(key.vpc(name));
  await ensure(ctx, {
    key: groupKey,
    step: "launch",
    find: (id) => findTagged(ctx, "security-group", groupKey, id),
    create: async () => {
      const { GroupId } = await ctx.aws.ec2(
        new CreateSecurityGroupCommand({
          VpcId: vpc.id,
          GroupName: `peerctl-${ctx.stack.name}-${name}`,
          Description: `peerctl ${ctx.stack.name}: the instance in ${name}`,
          TagSpecifications: tagSpecifications(ctx.stack, groupKey, "security-group"),
        }),
        { uncertain: "throw", fresh: true },
      );
      return { id: GroupId! };
    },
  });
}

export const sshRule = {
  protocol: "tcp",
  fromPort: 22,
  toPort: 22,
  description: "SSH from whoever ran peerctl",
} as const;

/** Port 22, on the connecting instance only, to the caller's own address only. */
async function openSsh(ctx: Context, { name, connects }: VpcSpec) {
  if (!connects) return;
  const [group, cidr] = await Promise.all([ctx.board.need(key.securityGroup(name)), callersCidr(ctx, name)]);
  await ensureIngress(ctx, {
    key: key.sshRule(name),
    step: "launch",
    group: { key: key.securityGroup(name), id: group.id },
    rule: { ...sshRule, cidr },
  });
}

async function callersCidr(ctx: Context, name: string): Promise<string> {
  const { sshFrom } = ctx.config;
  const recorded = ctx.store.get(key.sshRule(name))?.attributes.cidr;
  if (sshFrom ?? (ctx.look && recorded)) return sshFrom ?? recorded!;
  return `${await ctx.callerAddress()}/32`;
}

async function makeInstance(ctx: Context, instances: Poller<Instance>, spec: VpcSpec) {
  const { name } = spec;
  const instanceKey = key.instance(name);
  const [subnet, group] = await Promise.all([
    ctx.board.need(key.subnet(name)),
    ctx.board.need(key.securityGroup(name)),
  ]);
  let launched: number | undefined;
  await ensure(ctx, {
    key: instanceKey,
    step: "launch",
    find: (id) =>
      findTagged(ctx, "instance", instanceKey, id, (row) => {
        launched = row.LaunchTime?.getTime();
        return { attributes: attributesOf(row), ready: row.State?.Name === "running" };
      }),
    create: async (generation) => {
      const row = await withRoom(ctx, spec, subnet, async ({ id, attributes: { zone } }) =>
        runInstance(ctx, {
          subnet: id,
          group: group.id,
          type: (await ctx.offer(zone)).type,
          // The subnet is among what must not differ where a token is used again.
          token: clientToken(ctx.stack.uuid, `${instanceKey} in ${id}`, generation),
          tags: tagSpecifications(ctx.stack, instanceKey, "instance", "volume", "network-interface"),
        }),
      );
      return { id: row.InstanceId!, attributes: attributesOf(row), ready: false };
    },
    ready: async (id) => {
      const bootedOrStopped = (row: Instance | undefined) => row?.State?.Name === "stopped" || runs(row);
      const row = await instances.until(id, bootedOrStopped, { since: launched });
      if (row?.State?.Name !== "stopped") return;
      await ctx.aws.ec2(new StartInstancesCommand({ InstanceIds: [id] }));
      await instances.until(id, runs);
    },
  });
}

function runs(row: Instance | undefined): boolean {
  const state = row?.State?.Name ?? "";
  if (!deadInstance.has(state)) return state === "running";
  throw new UserError(
    `the instance ${row?.InstanceId} ended while it started: ${row?.StateReason?.Message ?? state}`,
    "run: peerctl launch",
  );
}

/** What later steps need of it: the Elastic IP goes to the interface, the ping to the private address. */
function attributesOf(row: Instance): Record<string, string> {
  const first = row.NetworkInterfaces?.[0];
  return { interface: first?.NetworkInterfaceId ?? "", privateIp: row.PrivateIpAddress ?? "" };
}
