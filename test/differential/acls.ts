import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryRequest,
  DescribeNetworkAclsCommand,
  ReplaceNetworkAclAssociationCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import { refused } from "./clients.ts";
import { portRanges } from "./ports.ts";
import type { Vpc } from "./vpcs.ts";

/** A network ACL of random entries, in the place of the default one. */
export async function shut(chance: Chance, vpc: Vpc, blocks: readonly string[]): Promise<void> {
  const { client } = vpc;
  const { NetworkAcl } = await client.send(new CreateNetworkAclCommand({ VpcId: vpc.id }));
  const NetworkAclId = NetworkAcl!.NetworkAclId!;
  const enter = (entry: Omit<CreateNetworkAclEntryRequest, "NetworkAclId">) =>
    refused(client.send(new CreateNetworkAclEntryCommand({ NetworkAclId, ...entry })));
  for (const Egress of [false, true]) {
    for (let n = 1, most = 1 + chance.below(4); n <= most; n += 1) {
      await enter({ ...entry(chance, blocks), Egress });
    }
    if (chance.percent(75)) {
      await enter({ Egress, RuleNumber: 900, RuleAction: "allow", CidrBlock: "0.0.0.0/0", Protocol: "-1" });
    }
  }
  const subnet = chance.pick(vpc.subnets).id;
  const { NetworkAcls } = await client.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: "association.subnet-id", Values: [subnet] }] }),
  );
  const held = NetworkAcls![0]!.Associations!.find((each) => each.SubnetId === subnet);
  const AssociationId = held!.NetworkAclAssociationId!;
  await client.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
}

/** An entry with some number, so they come in any order. */
export function entry(
  chance: Chance,
  blocks: readonly string[],
): Omit<CreateNetworkAclEntryRequest, "NetworkAclId" | "Egress"> {
  const [From, To] = chance.pick(portRanges);
  const traffic = chance.pick([
    { Protocol: "-1" },
    { Protocol: "1", IcmpTypeCode: { Type: chance.pick([-1, 0, 8]), Code: -1 } },
    { Protocol: "1", IcmpTypeCode: { Type: chance.pick([0, 3, 8]), Code: chance.pick([0, 1, 4]) } },
    { Protocol: "6", PortRange: { From, To } },
    { Protocol: "17", PortRange: { From, To } },
    { Protocol: chance.pick(["47", "50", "132"]) },
  ]);
  const RuleAction = chance.percent(60) ? "allow" : "deny";
  return { RuleNumber: 1 + chance.below(800), RuleAction, CidrBlock: chance.pick(blocks), ...traffic };
}
