import {
  AuthorizeSecurityGroupIngress$,
  CreateTags$,
  CreateVpc$,
  DescribeVpcs$,
  ModifyVpcAttribute$,
  RunInstances$,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { ec2Query } from "../../../src/lab/protocol/ec2-query.ts";

const read = (schema: Parameters<ReturnType<typeof ec2Query.ask>["read"]>[0], body: string) =>
  ec2Query
    .ask({
      method: "POST",
      headers: {},
      query: new URLSearchParams(),
      body: `Action=A&Version=2016-11-15&${body}`,
    })
    .read(schema);

describe("forms are read by the SDK's schema", () => {
  const rows = [
    [CreateVpc$, "CidrBlock=10.0.0.0%2F16&DryRun=true", { CidrBlock: "10.0.0.0/16", DryRun: true }],
    [
      CreateVpc$,
      "TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=",
      { TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "a", Value: "" }] }] },
    ],
    [
      DescribeVpcs$,
      "Filter.1.Name=cidr&Filter.1.Value.1=a&Filter.1.Value.2=b&VpcId.10=vpc-2&VpcId.9=vpc-1&MaxResults=5",
      { Filters: [{ Name: "cidr", Values: ["a", "b"] }], VpcIds: ["vpc-1", "vpc-2"], MaxResults: 5 },
    ],
    [DescribeVpcs$, "VpcId=", { VpcIds: [] }],
    [
      ModifyVpcAttribute$,
      "VpcId=vpc-1&EnableDnsHostnames.Value=False",
      { VpcId: "vpc-1", EnableDnsHostnames: { Value: false } },
    ],
    [
      AuthorizeSecurityGroupIngress$,
      "GroupId=sg-1&IpPermissions.1.FromPort=-1&IpPermissions.1.Groups.1.GroupId=sg-2&IpPermissions.1.IpRanges.1.CidrIp=c",
      {
        GroupId: "sg-1",
        IpPermissions: [
          { FromPort: -1, UserIdGroupPairs: [{ GroupId: "sg-2" }], IpRanges: [{ CidrIp: "c" }] },
        ],
      },
    ],
  ] as const;
  test.each(rows)("%#: %s", (schema, body, expected) => {
    expect(read(schema, body)).toEqual(expected);
  });
});

describe("what EC2 does not take", () => {
  const rows = [
    [CreateVpc$, "Cidr=x", "UnknownParameter: The parameter Cidr is not recognized"],
    [CreateVpc$, "CidrBlock.1=x", "UnknownParameter: The parameter CidrBlock.1 is not recognized"],
    [DescribeVpcs$, "VpcId.a=x", "UnknownParameter: The parameter VpcId.a is not recognized"],
    [DescribeVpcs$, "VpcId.member.1=x", "UnknownParameter: The parameter VpcId.member is not recognized"],
    [DescribeVpcs$, "Filter.1=x", "UnknownParameter: The parameter Filter.1 is not recognized"],
    [
      DescribeVpcs$,
      "MaxResults=ten",
      "InvalidParameterValue: Value (ten) for parameter MaxResults is invalid. Expecting a number.",
    ],
    [
      CreateVpc$,
      "DryRun=yes",
      "InvalidParameterValue: Value (yes) for parameter DryRun is invalid. Expecting a boolean.",
    ],
    [CreateTags$, "Tag.1.Key=a", "MissingParameter: The request must contain the parameter resourceIdSet"],
    [RunInstances$, "MinCount=1", "MissingParameter: The request must contain the parameter maxCount"],
    [
      CreateVpc$,
      "CidrBlock=a&CidrBlock=b",
      "InvalidParameterCombination: The parameter CidrBlock may only be specified once",
    ],
    [CreateVpc$, "__proto__.x=1", "UnknownParameter: The parameter __proto__ is not recognized"],
    [CreateVpc$, `${"a.".repeat(5000)}=1`, /^UnknownParameter/],
  ] as const;
  test.each(rows)("%#: %s", (schema, body, expected) => {
    const attempt = () => read(schema, body);
    expect(attempt).toThrow();
    try {
      attempt();
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      if (typeof expected === "string") expect(`${code}: ${message}`).toBe(expected);
      else expect(code + message).toMatch(expected);
    }
  });
});
