import {
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteTagsCommand,
  DeleteVpcCommand,
  DescribeTagsCommand,
  type EC2Client,
  type Filter,
  type Tag,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

async function tagged(Tags: Tag[]) {
  const ec2 = ec2For(await labForTest());
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({
      CidrBlock: "10.0.0.0/16",
      TagSpecifications: [{ ResourceType: "vpc", Tags }],
    }),
  );
  return { ec2, id: Vpc?.VpcId ?? "" };
}

async function tagsOf(ec2: EC2Client, Filters: Filter[] = []) {
  const { Tags } = await ec2.send(new DescribeTagsCommand({ Filters }));
  return Object.fromEntries((Tags ?? []).map((each) => [each.Key, each.Value]));
}

const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: "" }));

describe("CreateTags", () => {
  const unknown = "igw-0123456789abcdef0";
  const rows: [string[], Tag[], string][] = [
    [["vpc"], [{ Key: "a", Value: "2" }], "done"],
    [
      [],
      [{ Key: "a", Value: "2" }],
      "MissingParameter: The request must contain the parameter resourceIdSet",
    ],
    [["vpc"], [], "MissingParameter: The request must contain the parameter tagSet"],
    [
      ["vpc", unknown],
      [{ Key: "a", Value: "2" }],
      `InvalidInternetGatewayID.NotFound: The internetGateway ID '${unknown}' does not exist`,
    ],
    [["x-1"], [{ Key: "a", Value: "2" }], "InvalidID: The ID 'x-1' is not valid"],
    [
      ["vpc"],
      [{ Key: "x".repeat(129), Value: "" }],
      "InvalidParameterValue: Tag key exceeds the maximum length of 128 characters",
    ],
    [
      ["vpc"],
      [{ Key: "x", Value: "v".repeat(257) }],
      "InvalidParameterValue: Tag value exceeds the maximum length of 256 characters",
    ],
  ];
  test.each(rows)("%j %j", async (names, Tags, expected) => {
    const { ec2, id } = await tagged([{ Key: "a", Value: "1" }]);
    const Resources = names.map((name) => (name === "vpc" ? id : name));
    expect(await outcomeOf(ec2.send(new CreateTagsCommand({ Resources, Tags })))).toBe(expected);
    expect(await tagsOf(ec2)).toEqual({ a: expected === "done" ? "2" : "1" });
  });

  test("all resources or none: the limit of the second keeps the first as it was", async () => {
    const { ec2, id } = await tagged([]);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
    const full = Vpc?.VpcId ?? "";
    await ec2.send(new CreateTagsCommand({ Resources: [full], Tags: many.slice(0, 50) }));
    const call = ec2.send(
      new CreateTagsCommand({ Resources: [id, full], Tags: [{ Key: "one more", Value: "" }] }),
    );
    expect(await outcomeOf(call)).toMatch(/^TagLimitExceeded/);
    expect(await tagsOf(ec2, [{ Name: "resource-id", Values: [id] }])).toEqual({});
  });
});

describe("DeleteTags", () => {
  const rows: [Tag[] | undefined, object][] = [
    [[{ Key: "a" }], { b: "2" }],
    [[{ Key: "a", Value: "1" }], { b: "2" }],
    [[{ Key: "a", Value: "other" }], { a: "1", b: "2" }],
    [[{ Key: "not there" }], { a: "1", b: "2" }],
    [undefined, {}],
  ];
  test.each(rows)("%j leaves %j", async (Tags, left) => {
    const { ec2, id } = await tagged([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ]);
    await ec2.send(new DeleteTagsCommand({ Resources: [id], Tags }));
    expect(await tagsOf(ec2)).toEqual(left);
  });
});

describe("DescribeTags", () => {
  const rows: [Filter, string[]][] = [
    [{ Name: "key", Values: ["a", "c"] }, ["a"]],
    [{ Name: "value", Values: ["?"] }, ["a", "b"]],
    [{ Name: "tag:a", Values: ["1"] }, ["a"]],
    [{ Name: "tag:a", Values: ["2"] }, []],
    [{ Name: "resource-type", Values: ["vpc"] }, ["a", "b"]],
    [{ Name: "resource-type", Values: ["subnet"] }, []],
  ];
  test.each(rows)("%j", async (filter, keys) => {
    const { ec2 } = await tagged([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ]);
    expect(Object.keys(await tagsOf(ec2, [filter]))).toEqual(keys);
  });

  test("an unknown filter is an error; a deleted resource has no tags", async () => {
    const { ec2, id } = await tagged([{ Key: "a", Value: "1" }]);
    expect(await outcomeOf(tagsOf(ec2, [{ Name: "colour", Values: ["x"] }]))).toMatch(
      /^InvalidParameterValue/,
    );
    await ec2.send(new DeleteVpcCommand({ VpcId: id }));
    expect(await tagsOf(ec2)).toEqual({});
  });
});
