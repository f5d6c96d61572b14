import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { describeKind, idOf, type LiveKind, liveKinds } from "./live.ts";
import { allPages } from "./pages.ts";
import { ofStack } from "./tags.ts";

type Filters = { Name: string; Values: string[] }[];

/** The ids of what comes along with a stack's resources, by EC2's name for the kind. */
const along: Readonly<Record<string, (aws: Aws, Filters: Filters) => Promise<(string | undefined)[]>>> = {
  volume: (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeVolumesCommand({ Filters, NextToken })),
      (page) => page.Volumes?.map(({ VolumeId }) => VolumeId),
    ),
  "network-interface": (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeNetworkInterfacesCommand({ Filters, NextToken })),
      (page) => page.NetworkInterfaces?.map(({ NetworkInterfaceId }) => NetworkInterfaceId),
    ),
  "security-group-rule": (aws, Filters) =>
    allPages(
      (NextToken) => aws.ec2(new DescribeSecurityGroupRulesCommand({ Filters, NextToken })),
      (page) => page.SecurityGroupRules?.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
    ),
};

/**
 * Asks each kind's own Describe which of the stack's resources stand, less those that are over but still shown. The answer
 * says of an id of one of these kinds whether it is there; of any other kind, that it may be.
 * @param types EC2's names or ours for the kinds in question
 */
export async function standing(
  aws: Aws,
  uuid: string,
  types: Iterable<string>,
): Promise<(type: string, id: string) => boolean> {
  const Filters = ofStack(uuid);
  const ids = new Map<string, Set<string | undefined>>();
  const ask = async (type: string) => {
    const kind = liveKinds.find((each): each is LiveKind => each === type);
    if (kind) ids.set(type, new Set((await describeKind[kind](aws, Filters)).map((row) => idOf(kind, row))));
    else if (along[type]) ids.set(type, new Set(await along[type](aws, Filters)));
  };
  await Promise.all([...new Set(types)].map(ask));
  return (type, id) => ids.get(type)?.has(id) ?? true;
}
