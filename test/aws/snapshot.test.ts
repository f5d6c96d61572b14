import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { expect, test } from "vitest";
import { connectAws } from "../../src/aws/aws.ts";
import { readVpcs } from "../../src/aws/snapshot.ts";
import { vpcsOf } from "../../src/aws/whereabouts.ts";
import { systemClock } from "../../src/clock.ts";

const aws = () =>
  connectAws({
    region: "us-east-1",
    profile: undefined,
    endpoint: undefined,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
    clock: systemClock,
    signal: new AbortController().signal,
  });

test("the prefix lists that rules name are read too, page by page, and no others", async () => {
  const mock = mockClient(EC2Client);
  mock.onAnyCommand().resolves({});
  mock
    .on(DescribeVpcsCommand)
    .resolves({ Vpcs: [{ VpcId: "vpc-1", CidrBlock: "10.0.0.0/16", OwnerId: "1" }] });
  const IpPermissions = [
    { IpProtocol: "tcp", FromPort: 22, ToPort: 22, PrefixListIds: [{ PrefixListId: "pl-1" }] },
  ];
  mock.on(DescribeSecurityGroupsCommand).resolves({
    SecurityGroups: [{ GroupId: "sg-1", VpcId: "vpc-1", IpPermissions }],
  });
  mock
    .on(GetManagedPrefixListEntriesCommand, { PrefixListId: "pl-1" })
    .resolvesOnce({ Entries: [{ Cidr: "10.1.0.0/16" }], NextToken: "more" })
    .resolvesOnce({ Entries: [{ Cidr: "10.2.0.0/16" }] });
  const { snapshot } = await readVpcs(aws(), { account: "1", region: "us-east-1" }, ["vpc-1"]);
  expect(snapshot.prefixLists).toEqual([{ id: "pl-1", cidrs: ["10.1.0.0/16", "10.2.0.0/16"] }]);
  expect(mock.commandCalls(DescribeVpcsCommand)[0]?.args[0].input).toMatchObject({
    Filters: [{ Name: "vpc-id", Values: ["vpc-1"] }],
  });
  mock.restore();
});

test("ends are looked up with one call for each way that they are named", async () => {
  const mock = mockClient(EC2Client);
  mock.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [{ VpcId: "vpc-1" }] });
  const found = await vpcsOf(aws(), [
    { filter: "attachment.instance-id", value: "i-1" },
    { filter: "attachment.instance-id", value: "i-2" },
    { filter: "network-interface-id", value: "eni-1" },
  ]);
  expect(found).toEqual(["vpc-1"]);
  expect(mock.calls().map(({ args }) => args[0].input)).toMatchObject([
    { Filters: [{ Name: "attachment.instance-id", Values: ["i-1", "i-2"] }] },
    { Filters: [{ Name: "network-interface-id", Values: ["eni-1"] }] },
  ]);
  mock.restore();
});
