import type { Aws } from "./aws.ts";
import type { Blocker, Ours } from "./blocker.ts";
import {
  associated,
  egressOnlyGateways,
  endpoints,
  gateways,
  groups,
  holders,
  interfaces,
  mappedInterfaces,
  networkAcls,
  referringGroups,
  routeTables,
  subnets,
  vpnGateways,
} from "./blocker-looks.ts";
import { codeOf } from "./codes.ts";

/**
 * What keeps something of ours from being deleted and is not ours. AWS says only `DependencyViolation`, without naming the
 * dependent. https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
 * @param input of the delete that was refused
 */
export async function blockersOf(aws: Aws, input: object, ours: Ours): Promise<Blocker[]> {
  const looks = looksFor(aws, input as Record<string, string | undefined>, ours);
  return (await whatCanBeAsked(looks)).flat().filter(({ id }) => !ours.ids.has(id));
}

function looksFor(aws: Aws, input: Record<string, string | undefined>, ours: Ours): Promise<Blocker[]>[] {
  const { VpcId, SubnetId, GroupId, RouteTableId, InternetGatewayId, AllocationId, AssociationId } = input;
  if (InternetGatewayId) return VpcId ? [mappedInterfaces(aws, VpcId, ours)] : [];
  if (VpcId) {
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    const attached = [{ Name: "attachment.vpc-id", Values: [VpcId] }];
    return [
      interfaces(aws, Filters, ours),
      subnets(aws, Filters),
      groups(aws, Filters),
      endpoints(aws, Filters),
      routeTables(aws, Filters),
      networkAcls(aws, Filters),
      gateways(aws, attached),
      vpnGateways(aws, attached),
      egressOnlyGateways(aws, VpcId),
    ];
  }
  if (SubnetId) return [interfaces(aws, [{ Name: "subnet-id", Values: [SubnetId] }], ours)];
  if (GroupId) {
    return [interfaces(aws, [{ Name: "group-id", Values: [GroupId] }], ours), referringGroups(aws, GroupId)];
  }
  if (RouteTableId) return [associated(aws, RouteTableId)];
  if (AllocationId) return [holders(aws, [{ Name: "allocation-id", Values: [AllocationId] }], ours)];
  if (AssociationId?.startsWith("eipassoc-"))
    return [holders(aws, [{ Name: "association-id", Values: [AssociationId] }], ours)];
  return [];
}

/** Who may not ask for one kind, or whose endpoint does not know it, is told of the others. */
function whatCanBeAsked(looks: readonly Promise<Blocker[]>[]): Promise<Blocker[][]> {
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
