import { DescribeNetworkInterfacesCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { allPages } from "./pages.ts";

/** The DescribeNetworkInterfaces filter that finds an end by what it is called. */
export type EndFilter =
  | "network-interface-id"
  | "attachment.instance-id"
  | "addresses.private-ip-address"
  | "addresses.association.public-ip"
  | "ipv6-addresses.ipv6-address";

/** The VPCs of the interfaces that any of these is or has: one call for each filter, all at once. */
export async function vpcsOf(
  aws: Aws,
  ends: readonly { filter: EndFilter; value: string }[],
): Promise<string[]> {
  const filters = [...new Set(ends.map(({ filter }) => filter))];
  const found = await Promise.all(
    filters.map((Name) => {
      const Values = ends.filter(({ filter }) => filter === Name).map(({ value }) => value);
      return allPages(
        (NextToken) =>
          aws.ec2(new DescribeNetworkInterfacesCommand({ Filters: [{ Name, Values }], NextToken })),
        (page) => page.NetworkInterfaces,
      );
    }),
  );
  return [...new Set(found.flat().flatMap(({ VpcId }) => VpcId ?? []))];
}
