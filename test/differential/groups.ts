import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import { refused } from "./clients.ts";
import { portRanges } from "./ports.ts";
import type { Vpc } from "./vpcs.ts";

/** One or two groups beside the default one, which lets in what is in it; all come first, so that rules may name any. */
export async function makeGroups(chance: Chance, { client, id, groups }: Vpc): Promise<void> {
  for (let n = 0, count = 1 + chance.below(2); n < count; n += 1) {
    const { GroupId } = await client.send(
      new CreateSecurityGroupCommand({ VpcId: id, GroupName: `group-${n}`, Description: "random" }),
    );
    groups.push(GroupId!);
  }
}

/** Half of the groups let in nearly all, the others what chance gives; some bound what goes out. */
export async function fillGroups(
  chance: Chance,
  vpc: Vpc,
  vpcs: readonly Vpc[],
  blocks: readonly string[],
): Promise<void> {
  const { client } = vpc;
  for (const GroupId of vpc.groups.slice(1)) {
    const ingress = (IpPermissions: IpPermission[]) =>
      refused(client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })));
    if (chance.percent(50)) await ingress(open(chance.pick(["10.0.0.0/8", "0.0.0.0/0"])));
    for (let rules = 0, most = 1 + chance.below(4); rules < most; rules += 1) {
      await ingress([permission(chance, vpc, vpcs, blocks)]);
    }
    if (!chance.percent(25)) continue;
    const IpPermissions = open("0.0.0.0/0");
    await client.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
    for (let rules = 0, most = 1 + chance.below(4); rules < most; rules += 1) {
      const one = [permission(chance, vpc, vpcs, blocks)];
      await refused(client.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: one })));
    }
  }
}

const open = (CidrIp: string): IpPermission[] => [{ IpProtocol: "-1", IpRanges: [{ CidrIp }] }];

/** What a rule lets through: any traffic that EC2 can tell apart, from a block or a group. */
export function permission(
  chance: Chance,
  vpc: Pick<Vpc, "account">,
  vpcs: readonly Pick<Vpc, "account" | "groups">[],
  blocks: readonly string[],
): IpPermission {
  const [FromPort, ToPort] = chance.pick(portRanges);
  const traffic = chance.pick<IpPermission>([
    { IpProtocol: "-1" },
    { IpProtocol: "-1" },
    { IpProtocol: "icmp", FromPort: -1, ToPort: -1 },
    { IpProtocol: "icmp", FromPort: 8, ToPort: 0 },
    { IpProtocol: "icmp", FromPort: 0, ToPort: -1 },
    { IpProtocol: "icmp", FromPort: 8, ToPort: chance.pick([-1, 0, 1]) },
    { IpProtocol: "icmp", FromPort: chance.pick([3, 11]), ToPort: chance.pick([-1, 4]) },
    { IpProtocol: chance.pick(["47", "50", "132"]) },
    { IpProtocol: "tcp", FromPort, ToPort },
    { IpProtocol: "udp", FromPort, ToPort },
  ]);
  const named = vpcs.flatMap(({ account, groups }) => groups.map((id) => ({ account, id })));
  if (chance.percent(30)) {
    const { account, id: GroupId } = chance.pick(named);
    const UserId = account === vpc.account ? undefined : account;
    return { ...traffic, UserIdGroupPairs: [{ GroupId, UserId }] };
  }
  const near = chance.pick(["0.0.0.0/0", "10.0.0.0/8"]);
  return {
    ...traffic,
    IpRanges: [{ CidrIp: chance.percent(50) ? near : chance.pick([...blocks, "198.51.100.7/32"]) }],
  };
}
