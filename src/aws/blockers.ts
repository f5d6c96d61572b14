import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";

/**
 * What keeps something of ours from being deleted and is not ours: each as `id (what it is)`. AWS says only
 * `DependencyViolation`, without naming the dependent.
 * https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
 * @param input of the delete that was refused
 * @param ours ids that this run removes by itself
 */
export async function blockersOf(aws: Aws, input: object, ours: ReadonlySet<string>): Promise<string[]> {
  const { VpcId, SubnetId, GroupId } = input as Record<string, string | undefined>;
  if (VpcId) {
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    const all = await Promise.all([
      interfaces(aws, Filters, ours),
      subnets(aws, Filters),
      groups(aws, Filters),
      endpoints(aws, Filters),
    ]);
    return all.flat().filter((each) => !ours.has(each.split(" ")[0]!));
  }
  if (SubnetId) return interfaces(aws, [{ Name: "subnet-id", Values: [SubnetId] }], ours);
  if (GroupId) {
    const all = await Promise.all([
      interfaces(aws, [{ Name: "group-id", Values: [GroupId] }], ours),
      referringGroups(aws, GroupId),
    ]);
    return all.flat().filter((each) => !ours.has(each.split(" ")[0]!));
  }
  return [];
}

type Filters = { Name: string; Values: string[] }[];

/** Those of our own instances go with them; it only takes AWS a moment. */
async function interfaces(aws: Aws, Filters: Filters, ours: ReadonlySet<string>): Promise<string[]> {
  const { NetworkInterfaces } = await aws.ec2(new DescribeNetworkInterfacesCommand({ Filters }));
  return (NetworkInterfaces ?? [])
    .filter(({ Attachment, TagSet }) => {
      const isOurs = TagSet?.some(({ Key }) => Key === "peerctl:stack");
      return !isOurs && !ours.has(Attachment?.InstanceId ?? "");
    })
    .map(({ NetworkInterfaceId, Description, InterfaceType }) => {
      return `${NetworkInterfaceId} (network interface${Description ? `, "${Description}"` : `, ${InterfaceType}`})`;
    });
}

async function subnets(aws: Aws, Filters: Filters): Promise<string[]> {
  const { Subnets } = await aws.ec2(new DescribeSubnetsCommand({ Filters }));
  return (Subnets ?? []).map(({ SubnetId, CidrBlock }) => `${SubnetId} (subnet, ${CidrBlock})`);
}

async function groups(aws: Aws, Filters: Filters): Promise<string[]> {
  const { SecurityGroups } = await aws.ec2(new DescribeSecurityGroupsCommand({ Filters }));
  return (SecurityGroups ?? [])
    .filter(({ GroupName }) => GroupName !== "default")
    .map(({ GroupId, GroupName }) => `${GroupId} (security group, ${GroupName})`);
}

async function referringGroups(aws: Aws, GroupId: string): Promise<string[]> {
  const names = ["ip-permission.group-id", "egress.ip-permission.group-id"];
  const answers = await Promise.all(
    names.map((Name) =>
      aws.ec2(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [GroupId] }] })),
    ),
  );
  const referring = answers.flatMap(({ SecurityGroups }) => SecurityGroups ?? []);
  return referring
    .filter((row) => row.GroupId !== GroupId)
    .map((row) => `${row.GroupId} (security group that refers to it, ${row.GroupName})`);
}

async function endpoints(aws: Aws, Filters: Filters): Promise<string[]> {
  const { VpcEndpoints } = await aws.ec2(new DescribeVpcEndpointsCommand({ Filters }));
  return (VpcEndpoints ?? []).map(
    ({ VpcEndpointId, ServiceName }) => `${VpcEndpointId} (VPC endpoint, ${ServiceName})`,
  );
}
