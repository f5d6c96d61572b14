import { EC2, type TagSpecification } from "@aws-sdk/client-ec2";
import type { Tables } from "../../../src/lab/world.ts";
import type { Place } from "./place.ts";

/** What somebody else puts into the stack's VPCs. It carries a tag of theirs, and none of ours. */

const tagged = (ResourceType: "network-interface" | "subnet" | "security-group"): TagSpecification[] => [
  { ResourceType, Tags: [{ Key: "theirs", Value: "yes" }] },
];

/** Somebody else's client of the lab. */
export async function asSomebody(place: Place, work: (ec2: EC2) => Promise<unknown>): Promise<void> {
  const ec2 = new EC2({
    endpoint: place.lab.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "123456789012", secretAccessKey: "x" },
  });
  try {
    await work(ec2);
  } finally {
    ec2.destroy();
  }
}

/** What adds an interface, a subnet or a group that refers to ours, where the stack has what that needs. */
export function additions(
  ec2: EC2,
  { tags, subnets, vpcs, securityGroups }: Tables,
  pick: number,
): (() => Promise<unknown>)[] {
  const ours = (id: string) => tags.get(id)?.has("peerctl:stack") === true;
  return [
    ...[...subnets.keys()]
      .filter(ours)
      .map(
        (SubnetId) => () =>
          ec2.createNetworkInterface({ SubnetId, TagSpecifications: tagged("network-interface") }),
      ),
    ...[...vpcs.values()]
      .filter(({ VpcId }) => ours(VpcId!))
      .map(({ VpcId, CidrBlock }) => () => {
        const block = CidrBlock!.replace("0.0/16", `${200 + (pick % 40)}.0/24`);
        return ec2.createSubnet({ VpcId, CidrBlock: block, TagSpecifications: tagged("subnet") });
      }),
    ...[...securityGroups.values()]
      .filter(({ GroupId }) => ours(GroupId!))
      .map(({ VpcId, GroupId }) => async () => {
        const made = await ec2.createSecurityGroup({
          VpcId,
          GroupName: `theirs-${pick}`,
          Description: "theirs",
          TagSpecifications: tagged("security-group"),
        });
        const IpPermissions = [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId }] }];
        await ec2.authorizeSecurityGroupIngress({ GroupId: made.GroupId, IpPermissions });
      }),
  ];
}

/** The ids of all that is theirs. */
export function theirs({ lab }: Place): string[] {
  return [...lab.world.tables.values()].flatMap(({ tags }) =>
    [...tags].filter(([, each]) => each.has("theirs")).map(([id]) => id),
  );
}

export function removeTheirs(place: Place): Promise<void> {
  return asSomebody(place, async (ec2) => {
    for (const id of theirs(place)) {
      if (id.startsWith("eni-")) await ec2.deleteNetworkInterface({ NetworkInterfaceId: id });
      else if (id.startsWith("subnet-")) await ec2.deleteSubnet({ SubnetId: id });
      else await ec2.deleteSecurityGroup({ GroupId: id });
    }
  });
}
