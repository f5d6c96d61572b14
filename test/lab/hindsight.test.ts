import {
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { instant } from "../../src/lab/profile.ts";
import { ec2For, labForTest, outcomeOf } from "./start.ts";

const CidrBlock = "10.0.0.0/16";
const TagSpecifications = [{ ResourceType: "vpc" as const, Tags: [{ Key: "a", Value: "b" }] }];

async function staleLab(flicker: boolean) {
  const time = { now: 1_000_000 };
  const clock = { now: () => time.now, sleep: async () => {} };
  const lab = await labForTest({ profile: { ...instant, describeLag: 1000, stale: true, flicker }, clock });
  const ec2 = ec2For(lab);
  const shown = async () =>
    (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.filter(({ IsDefault }) => !IsDefault).length;
  return { time, ec2, shown };
}

test("what was deleted is shown until Describe has caught up, with its tags", async () => {
  const { time, ec2, shown } = await staleLab(false);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock, TagSpecifications }));
  expect(await shown()).toBe(0);
  time.now += 1000;
  expect(await shown()).toBe(1);
  const remove = () => ec2.send(new DeleteVpcCommand({ VpcId: Vpc!.VpcId }));
  expect(await outcomeOf(remove())).toBe("done");
  const tags = async () => (await ec2.send(new DescribeTagsCommand({}))).Tags?.length;
  expect([await shown(), await tags()]).toEqual([1, 1]);
  // Only those who look are behind.
  expect(await outcomeOf(remove())).toMatch(/^InvalidVpcID.NotFound/);
  time.now += 999;
  expect(await shown()).toBe(1);
  time.now += 1;
  expect([await shown(), await tags()]).toEqual([0, 0]);
});

test("where it flickers, some looks have caught up and some have not", async () => {
  const { time, ec2, shown } = await staleLab(true);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock }));
  time.now += 2000;
  await ec2.send(new DeleteVpcCommand({ VpcId: Vpc!.VpcId }));
  time.now += 500;
  const looks = new Set<number | undefined>();
  for (let look = 0; look < 30; look++) looks.add(await shown());
  expect([...looks].sort()).toEqual([0, 1]);
  time.now += 500;
  for (let look = 0; look < 30; look++) expect(await shown()).toBe(0);
});
