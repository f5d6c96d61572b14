import { expect, test } from "vitest";
import type { Aws } from "../../src/aws/aws.ts";
import { leftAfter, leftovers } from "../../src/aws/sweep.ts";

const tag = (ResourceId: string, ResourceType: string) => ({
  ResourceId,
  ResourceType,
  Key: "peerctl:stack",
  Value: "mine",
});

/** An AWS where a Describe by tag shows `byTag`, and one by id shows `byId`; `asked` gets the actions. */
function answering(
  tags: object[],
  { byTag = {}, byId = {} }: { byTag?: Record<string, object>; byId?: Record<string, object> },
) {
  const asked: string[] = [];
  const ec2 = async (command: { input: { Filters?: { Name: string }[] } }) => {
    const action = command.constructor.name.replace(/Command$/, "");
    asked.push(action);
    if (action === "DescribeTags") return { Tags: tags };
    const isByTag = command.input.Filters?.some(({ Name }) => Name.startsWith("tag:"));
    return (isByTag ? byTag : byId)[action] ?? {};
  };
  return { aws: { ec2 } as unknown as Aws, asked };
}

const keys = new Map([
  ["i-1", "instance/a"],
  ["vpc-1", "vpc/a"],
]);

test("what costs is left when its own Describe shows it, whatever the tags show", async () => {
  const { aws } = answering([], {
    byTag: {
      DescribeInstances: {
        Reservations: [{ Instances: [{ InstanceId: "i-1", State: { Name: "running" } }] }],
      },
      DescribeAddresses: { Addresses: [{ AllocationId: "eipalloc-1" }] },
    },
  });
  const left = await leftAfter(aws, "mine", keys, new Set());
  expect(left.map(({ id, resourceType }) => [id, resourceType])).toEqual([
    ["i-1", "instance"],
    ["eipalloc-1", "elastic-ip"],
  ]);
});

test("what the tags show is asked for by its id: a Describe by tag that lags does not hide it", async () => {
  const { aws } = answering([tag("vpc-1", "vpc"), tag("subnet-1", "subnet")], {
    byId: { DescribeVpcs: { Vpcs: [{ VpcId: "vpc-1" }] } },
  });
  const left = [{ id: "vpc-1", resourceType: "vpc", key: "vpc/a" }];
  expect(await leftAfter(aws, "mine", keys, new Set())).toEqual(left);
  expect(await leftovers(aws, "mine", keys)).toEqual(left);
});

test("what AWS said is deleted is not asked for again, though the tags show it for a while", async () => {
  const { aws, asked } = answering([tag("i-1", "instance"), tag("vpc-1", "vpc")], {
    byId: { DescribeVpcs: { Vpcs: [{ VpcId: "vpc-1" }] } },
  });
  expect(await leftAfter(aws, "mine", keys, new Set(["i-1", "vpc-1"]))).toEqual([]);
  expect(asked.sort()).toEqual(["DescribeAddresses", "DescribeInstances", "DescribeTags"]);
});

test("of a kind that nobody here knows, the tags' word counts", async () => {
  const { aws } = answering([tag("nat-1", "natgateway")], {});
  expect((await leftAfter(aws, "mine", keys, new Set())).map(({ id }) => id)).toEqual(["nat-1"]);
});
