import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeInstancesCommand,
  type Instance,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { deadInstance, describeKind } from "../aws/live.ts";
import { type Poller, poller } from "../aws/poller.ts";
import { tagSpecifications } from "../aws/tags.ts";
import { clientToken } from "../aws/token.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import type { VpcSpec } from "../topology.ts";
import { ensure } from "./ensure.ts";
import { findTagged } from "./find.ts";
import { key } from "./keys.ts";
import type { Owned, Removal } from "./removal.ts";
import { runInstance } from "./run-instance.ts";
import { ensureIngress } from "./security-group-rule.ts";
import type { Step } from "./step.ts";
import { together } from "./together.ts";
import { withRoom } from "./zone.ts";

/**
 * A security group and an instance in each VPC, without key pairs: EC2 Instance Connect brings a key for each connection.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-linux-inst-eic.html
 */
export const launch: Step = {
  name: "launch",
  summary: "Launch an instance without a key pair in each VPC, with a security group of its own",
  needs: ["create-vpcs"],
  makes: ["security-group", "ssh-rule", "instance"],
  apply: (ctx) => {
    const instances = instancePoller(ctx, rhythm.boot);
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
      ...removal.owned("security-group").map(async (group) => {
        await removal.gone(key.instance(group.name));
        await removal.remove(group.key, (GroupId) => new DeleteSecurityGroupCommand({ GroupId }));
      }),
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
  await ensure(ctx, {
    key: instanceKey,
    step: "launch",
    find: (id) =>
      findTagged(ctx, "instance", instanceKey, id, (row) => ({
        attributes: attributesOf(row),
        ready: row.State?.Name === "running",
      })),
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
      const row = await instances.until(id, (row) => row?.State?.Name === "stopped" || runs(row));
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

async function terminate(removal: Removal, owned: readonly Owned[]) {
  if (owned.length === 0) return;
  // One id that is not there any more would make EC2 refuse all of them. Those that do not show our tag are asked for by id.
  const rows = await removal.live.rows("instance");
  const tagged = new Set(rows.map(({ InstanceId }) => InstanceId!));
  const Values = owned.flatMap(({ ids }) => ids).filter((id) => !tagged.has(id));
  const others =
    Values.length > 0 ? await describeKind.instance(removal.aws, [{ Name: "instance-id", Values }]) : [];
  const InstanceIds = [...tagged, ...others.map(({ InstanceId }) => InstanceId!)];
  if (InstanceIds.length > 0) await removal.send(new TerminateInstancesCommand({ InstanceIds }));
  const instances = instancePoller(removal, rhythm.end);
  const ended = (row: Instance | undefined) => row === undefined || row.State?.Name === "terminated";
  await together(
    removal,
    ...owned.map(({ key }) =>
      removal.removeBy(key, async (id) => {
        await instances.until(id, ended);
      }),
    ),
  );
}

/** No instance boots in less than some nine seconds, or ends in less than some seventeen; then it may be any moment. */
const rhythm = {
  boot: { first: 9000, growth: 0.015, longest: 10_000 },
  end: { first: 17_000, growth: 0.045, longest: 10_000 },
};

function instancePoller(
  { aws, clock, signal }: Pick<Context, "aws" | "clock" | "signal">,
  rhythm: { first: number; growth: number; longest: number },
): Poller<Instance> {
  return poller({
    clock,
    signal,
    rhythm,
    describe: async (ids) => {
      // By filter, not by id: one that is gone is then no error.
      const answer = await aws.ec2(
        new DescribeInstancesCommand({ Filters: [{ Name: "instance-id", Values: ids }] }),
      );
      const rows = (answer.Reservations ?? []).flatMap((each) => each.Instances ?? []);
      return new Map(rows.map((row) => [row.InstanceId!, row]));
    },
  });
}
