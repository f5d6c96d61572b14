import { EC2 } from "@aws-sdk/client-ec2";
import { expect, onTestFinished, test } from "vitest";
import { labForTest, outcomeOf } from "../start.ts";

async function account() {
  const lab = await labForTest();
  const ec2 = new EC2({
    endpoint: lab.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "123456789012", secretAccessKey: "x" },
  });
  onTestFinished(() => ec2.destroy());
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
  const VpcId = Vpc!.VpcId!;
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: "10.0.0.0/24" });
  const SubnetId = Subnet!.SubnetId!;
  const modes = async () => {
    const { Vpcs } = await ec2.describeVpcs({ VpcIds: [VpcId] });
    const { Subnets } = await ec2.describeSubnets({ SubnetIds: [SubnetId] });
    return [Vpcs?.[0], Subnets?.[0]].map((row) => row?.BlockPublicAccessStates?.InternetGatewayBlockMode);
  };
  return { ec2, VpcId, SubnetId, modes };
}

test("the account's mode is every VPC's and subnet's, those that come later included", async () => {
  const { ec2, modes } = await account();
  const before = await ec2.describeVpcBlockPublicAccessOptions({});
  expect(before.VpcBlockPublicAccessOptions).toMatchObject({
    State: "default-state",
    InternetGatewayBlockMode: "off",
  });
  await ec2.modifyVpcBlockPublicAccessOptions({ InternetGatewayBlockMode: "block-bidirectional" });
  expect(await modes()).toEqual(["block-bidirectional", "block-bidirectional"]);
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.1.0.0/16" });
  expect(Vpc?.BlockPublicAccessStates?.InternetGatewayBlockMode).toBe("block-bidirectional");
  await ec2.modifyVpcBlockPublicAccessOptions({ InternetGatewayBlockMode: "off" });
  expect(await modes()).toEqual(["off", "off"]);
});

test("an exclusion opens one VPC or subnet, or lets it only out", async () => {
  const { ec2, VpcId, SubnetId, modes } = await account();
  await ec2.modifyVpcBlockPublicAccessOptions({ InternetGatewayBlockMode: "block-bidirectional" });
  const exclude = (
    input: { VpcId?: string; SubnetId?: string },
    mode: "allow-bidirectional" | "allow-egress",
  ) => ec2.createVpcBlockPublicAccessExclusion({ ...input, InternetGatewayExclusionMode: mode });
  await exclude({ SubnetId }, "allow-egress");
  expect(await modes()).toEqual(["block-bidirectional", "block-ingress"]);
  const { VpcBlockPublicAccessExclusion } = await exclude({ VpcId }, "allow-bidirectional");
  expect(await modes()).toEqual(["off", "block-ingress"]);
  const { VpcBlockPublicAccessExclusions: all } = await ec2.describeVpcBlockPublicAccessExclusions({});
  expect(all?.map(({ ResourceArn, State }) => [ResourceArn?.split("/")[1], State])).toEqual([
    [SubnetId, "create-complete"],
    [VpcId, "create-complete"],
  ]);
  const ExclusionId = VpcBlockPublicAccessExclusion?.ExclusionId;
  await ec2.deleteVpcBlockPublicAccessExclusion({ ExclusionId });
  expect(await modes()).toEqual(["block-bidirectional", "block-ingress"]);
  expect(await outcomeOf(ec2.deleteVpcBlockPublicAccessExclusion({ ExclusionId }))).toMatch(/NotFound/);
});

test("refuses a mode that is none, and an exclusion of both or neither", async () => {
  const { ec2, VpcId, SubnetId } = await account();
  const modify = (mode: string) =>
    ec2.modifyVpcBlockPublicAccessOptions({ InternetGatewayBlockMode: mode as "off" });
  expect(await outcomeOf(modify("shut"))).toMatch(/^InvalidParameterValue/);
  const both = { VpcId, SubnetId, InternetGatewayExclusionMode: "allow-egress" } as const;
  expect(await outcomeOf(ec2.createVpcBlockPublicAccessExclusion(both))).toMatch(
    /^InvalidParameterCombination/,
  );
});
