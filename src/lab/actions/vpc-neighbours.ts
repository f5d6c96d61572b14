import {
  DescribeDhcpOptions$,
  type DescribeDhcpOptionsRequest,
  DescribeVpcClassicLink$,
  DescribeVpcClassicLinkDnsSupport$,
  type DhcpOptions,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, reads } from "../action.ts";
import { type FilterFields, filterTest, page } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { dhcpOptionsId } from "./new-vpc.ts";

const filters: FilterFields<DhcpOptions> = {
  "dhcp-options-id": (options) => options.DhcpOptionsId,
  key: (options) => options.DhcpConfigurations?.map((each) => each.Key),
  "owner-id": (options) => options.OwnerId,
  value: (options) =>
    options.DhcpConfigurations?.flatMap((each) => each.Values?.map(({ Value }) => Value) ?? []),
};

/** EC2-Classic is gone: where it is asked for, AWS says this. */
const classicLink = () => {
  throw new Ec2Error(
    "UnsupportedOperation",
    "The functionality you requested is not available in this region.",
  );
};

/** What clients ask about a VPC on their way, though nobody changes it here. */
export const vpcNeighbourActions: Actions = {
  DescribeVpcClassicLink: reads(DescribeVpcClassicLink$, classicLink),
  DescribeVpcClassicLinkDnsSupport: reads(DescribeVpcClassicLinkDnsSupport$, classicLink),

  /** https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html */
  DescribeDhcpOptions: reads(DescribeDhcpOptions$, (input: DescribeDhcpOptionsRequest, call) => {
    const only = optionsOf(call);
    const odd = input.DhcpOptionsIds?.find((id) => id !== only.DhcpOptionsId);
    if (odd !== undefined) {
      throw new Ec2Error("InvalidDhcpOptionID.NotFound", `The dhcpOption ID '${odd}' does not exist`);
    }
    const tests = (input.Filters ?? []).map((filter) => filterTest(call, filter, filters));
    const wanted = [only].filter((options) => tests.every((test) => test(options.DhcpOptionsId!, options)));
    const { rows, nextToken } = page(wanted, input.MaxResults, input.NextToken);
    return { DhcpOptions: rows, NextToken: nextToken };
  }),
};

function optionsOf({ account, region }: Call): DhcpOptions {
  const domain = region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
  return {
    DhcpOptionsId: dhcpOptionsId(account, region),
    OwnerId: account,
    DhcpConfigurations: [
      { Key: "domain-name", Values: [{ Value: domain }] },
      { Key: "domain-name-servers", Values: [{ Value: "AmazonProvidedDNS" }] },
    ],
    Tags: [],
  };
}
