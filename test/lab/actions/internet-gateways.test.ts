import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DescribeInternetGatewaysCommand,
  DetachInternetGatewayCommand,
} from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { ec2For, labForTest, outcomeOf } from "../start.ts";

test("one gateway a VPC, one VPC a gateway; attached ones stay", async () => {
  const lab = await labForTest();
  const ec2 = ec2For(lab);
  const gateway = async () =>
    (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId ?? "";
  const vpc = async (CidrBlock: string) =>
    (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? "";
  const [a, b] = [await gateway(), await gateway()];
  const [one, two] = [await vpc("10.1.0.0/16"), await vpc("10.2.0.0/16")];
  const attach = (InternetGatewayId: string, VpcId: string) =>
    outcomeOf(ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId })));
  const detach = (InternetGatewayId: string, VpcId: string) =>
    outcomeOf(ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId })));
  const remove = (InternetGatewayId: string) =>
    outcomeOf(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId })));

  expect(await attach(a, one)).toBe("done");
  expect(await attach(a, two)).toBe(
    `Resource.AlreadyAssociated: resource ${a} is already attached to network ${one}`,
  );
  expect(await attach(b, one)).toBe(
    `InvalidParameterValue: Network ${one} already has an internet gateway attached`,
  );
  const Filters = [{ Name: "attachment.vpc-id", Values: [one] }];
  const { InternetGateways } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }));
  expect(InternetGateways).toEqual([
    {
      InternetGatewayId: a,
      OwnerId: "123456789012",
      Attachments: [{ State: "available", VpcId: one }],
      Tags: [],
    },
  ]);
  expect(await remove(a)).toBe(
    `DependencyViolation: The internetGateway '${a}' has dependencies and cannot be deleted.`,
  );
  expect(await detach(b, one)).toBe(`Gateway.NotAttached: resource ${b} is not attached to network ${one}`);

  const { networkInterfaces } = lab.world.tables.get("123456789012/us-east-1")!;
  networkInterfaces.set("eni-1", { VpcId: one, Association: { PublicIp: "203.0.113.9" } });
  expect(await detach(a, one)).toBe(
    `DependencyViolation: Network ${one} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  );
  networkInterfaces.clear();
  expect(await detach(a, one)).toBe("done");
  expect(await remove(a)).toBe("done");
  expect(await remove(a)).toBe(
    `InvalidInternetGatewayID.NotFound: The internetGateway ID '${a}' does not exist`,
  );
  expect(await attach(b, one)).toBe("done");
});

test("the quota counts the default VPC's gateway", async () => {
  const ec2 = ec2For(await labForTest());
  const make = () => outcomeOf(ec2.send(new CreateInternetGatewayCommand({})));
  for (let made = 1; made < 5; made++) expect(await make()).toBe("done");
  expect(await make()).toBe(
    "InternetGatewayLimitExceeded: The maximum number of internet gateways has been reached.",
  );
});
