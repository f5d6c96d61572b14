import {
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { codeOf } from "./codes.ts";

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
    const all = await whatCanBeAsked([
      interfaces(aws, Filters, ours),
      subnets(aws, Filters),
      groups(aws, Filters),
      endpoints(aws, Filters),
      routeTables(aws, Filters),
      networkAcls(aws, Filters),
      gateways(aws, [{ Name: "attachment.vpc-id", Values: [VpcId] }]),
    ]);
    return all.flat().filter((each) => !ours.has(each.split(" ")[0]!));
  }
  if (SubnetId) return interfaces(aws, [{ Name: "subnet-id", Values: [SubnetId] }], ours);
  if (GroupId) {
    const all = await whatCanBeAsked([
      interfaces(aws, [{ Name: "group-id", Values: [GroupId] }], ours),
      referringGroups(aws, GroupId),
    ]);
    return all.flat().filter((each) => !ours.has(each.split(" ")[0]!));
  }
  return [];
}

/** Who may not ask for one kind, or whose endpoint does not know it, is told of the others. */
function whatCanBeAsked(looks: readonly Promise<string[]>[]): Promise<string[][]> {
  const cannot = /^(InvalidAction|UnauthorizedOperation)$/;
  return Promise.all(
    looks.map((each) =>
      each.catch((error) => {
        if (cannot.test(codeOf(error))) return [];
        throw error;
      }),
    ),
  );
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

/** The main one goes with its VPC. */
async function routeTables(aws: Aws, Filters: Filters): Promise<string[]> {
  const { RouteTables } = await aws.ec2(new DescribeRouteTablesCommand({ Filters }));
  return (RouteTables ?? [])
    .filter(({ Associations }) => !Associations?.some(({ Main }) => Main))
    .map(({ RouteTableId }) => `${RouteTableId} (route table)`);
}

async function networkAcls(aws: Aws, Filters: Filters): Promise<string[]> {
  const { NetworkAcls } = await aws.ec2(new DescribeNetworkAclsCommand({ Filters }));
  return (NetworkAcls ?? [])
    .filter(({ IsDefault }) => !IsDefault)
    .map(({ NetworkAclId }) => `${NetworkAclId} (network ACL)`);
}

async function gateways(aws: Aws, Filters: Filters): Promise<string[]> {
  const { InternetGateways } = await aws.ec2(new DescribeInternetGatewaysCommand({ Filters }));
  return (InternetGateways ?? []).map(({ InternetGatewayId }) => `${InternetGatewayId} (internet gateway)`);
}

async function endpoints(aws: Aws, Filters: Filters): Promise<string[]> {
  const { VpcEndpoints } = await aws.ec2(new DescribeVpcEndpointsCommand({ Filters }));
  return (VpcEndpoints ?? []).map(
    ({ VpcEndpointId, ServiceName }) => `${VpcEndpointId} (VPC endpoint, ${ServiceName})`,
  );
}
