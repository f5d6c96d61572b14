import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { describeByIds, inPortions } from "./by-id.ts";
import { idOf, type LiveKind, liveKinds } from "./live.ts";
import { allPages } from "./pages.ts";

/** Which ids are there of what comes along with a stack's resources, by EC2's name for the kind. */
const along: Readonly<Record<string, (aws: Aws, Values: string[]) => Promise<(string | undefined)[]>>> = {
  volume: (aws, Values) =>
    allPages(
      (NextToken) =>
        aws.ec2(new DescribeVolumesCommand({ Filters: [{ Name: "volume-id", Values }], NextToken })),
      (page) => page.Volumes?.map(({ VolumeId }) => VolumeId),
    ),
  "network-interface": (aws, Values) =>
    allPages(
      (NextToken) =>
        aws.ec2(
          new DescribeNetworkInterfacesCommand({
            Filters: [{ Name: "network-interface-id", Values }],
            NextToken,
          }),
        ),
      (page) => page.NetworkInterfaces?.map(({ NetworkInterfaceId }) => NetworkInterfaceId),
    ),
  "security-group-rule": (aws, Values) =>
    allPages(
      (NextToken) =>
        aws.ec2(
          new DescribeSecurityGroupRulesCommand({
            Filters: [{ Name: "security-group-rule-id", Values }],
            NextToken,
          }),
        ),
      (page) => page.SecurityGroupRules?.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
    ),
};

/**
 * Asks each kind's own Describe, by id, which of these stand; those that are over but still shown do not. By id, because a
 * Describe by tag may lag with the tags. Of a kind that is not known here, all may stand.
 * @param things ids, with EC2's names or ours for their kinds
 */
export async function standing(
  aws: Aws,
  things: readonly { type: string; id: string }[],
): Promise<(id: string) => boolean> {
  const there = new Set<string | undefined>();
  const ask = async (type: string) => {
    const ids = things.filter((each) => each.type === type).map(({ id }) => id);
    const kind = liveKinds.find((each): each is LiveKind => each === type);
    const look = along[type];
    const shown = kind
      ? (await describeByIds(aws, kind, ids)).map((row) => idOf(kind, row))
      : look
        ? await inPortions(ids, (portion) => look(aws, portion))
        : ids;
    for (const id of shown) there.add(id);
  };
  await Promise.all([...new Set(things.map(({ type }) => type))].map(ask));
  return (id) => there.has(id);
}
