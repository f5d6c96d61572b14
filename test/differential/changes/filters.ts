import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkAclEntryCommand,
  DeleteNetworkAclEntryCommand,
  ReplaceNetworkAclEntryCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { entry } from "../acls.ts";
import { permission } from "../groups.ts";
import type { Change, Scene } from "./scene.ts";

/** Rules of security groups and entries of network ACLs that come, change and go. */
export const filterChanges: Record<string, Change> = {
  "revoke a rule": async ({ snapshot, chance, at }) => {
    const group = chance.pick(snapshot.securityGroups);
    const way = chance.percent(60) ? "ingress" : "egress";
    const rules = group[way].flatMap(({ id }) => id ?? []);
    if (rules.length === 0) return;
    const input = { GroupId: group.id, SecurityGroupRuleIds: [chance.pick(rules)] };
    await (way === "ingress"
      ? at(group.vpc).send(new RevokeSecurityGroupIngressCommand(input))
      : at(group.vpc).send(new RevokeSecurityGroupEgressCommand(input)));
  },
  "authorize a rule": async (scene) => {
    const { snapshot, chance, at, blocks } = scene;
    const group = chance.pick(snapshot.securityGroups);
    const accounts = new Map(snapshot.vpcs.map(({ id, account }) => [id, account]));
    const named = snapshot.securityGroups.map((each) => ({
      account: accounts.get(each.vpc)!,
      groups: [each.id],
    }));
    const IpPermissions = [permission(chance, { account: accounts.get(group.vpc)! }, named, blocks)];
    const input = { GroupId: group.id, IpPermissions };
    await (chance.percent(60)
      ? at(group.vpc).send(new AuthorizeSecurityGroupIngressCommand(input))
      : at(group.vpc).send(new AuthorizeSecurityGroupEgressCommand(input)));
  },
  "make an entry": async (scene) => {
    const acl = scene.chance.pick(scene.snapshot.networkAcls);
    const made = { ...entry(scene.chance, scene.blocks), Egress: scene.chance.percent(50) };
    await scene.at(acl.vpc).send(new CreateNetworkAclEntryCommand({ NetworkAclId: acl.id, ...made }));
  },
  "replace an entry": async (scene) => {
    const found = someEntry(scene);
    if (!found) return;
    const { vpc, ...which } = found;
    const input = { ...entry(scene.chance, scene.blocks), ...which };
    await scene.at(vpc).send(new ReplaceNetworkAclEntryCommand(input));
  },
  "delete an entry": async (scene) => {
    const found = someEntry(scene);
    if (!found) return;
    const { vpc, ...which } = found;
    await scene.at(vpc).send(new DeleteNetworkAclEntryCommand(which));
  },
};

/** One that is not the last, which nobody can change. */
function someEntry({ snapshot, chance }: Scene) {
  const found = snapshot.networkAcls.flatMap(({ id, vpc, entries }) =>
    entries
      .filter(({ number }) => number < 32_767)
      .map(({ number, direction }) => ({
        vpc,
        NetworkAclId: id,
        RuleNumber: number,
        Egress: direction === "egress",
      })),
  );
  return found.length > 0 ? chance.pick(found) : undefined;
}
