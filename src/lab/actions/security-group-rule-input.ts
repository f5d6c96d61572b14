import type {
  AuthorizeSecurityGroupIngressRequest,
  IpPermission,
  SecurityGroup,
  SecurityGroupRule,
  UserIdGroupPair,
} from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { canonicalCidr } from "./cidr-parameter.ts";
import { protocolName } from "./ip-protocol.ts";
import { groupAnywhere, groupByName } from "./security-group-lookup.ts";

/** What makes a rule the rule it is: direction, protocol, ports and the one peer. */
export type RuleBody = Pick<
  SecurityGroupRule,
  | "IsEgress"
  | "IpProtocol"
  | "FromPort"
  | "ToPort"
  | "CidrIpv4"
  | "CidrIpv6"
  | "PrefixListId"
  | "ReferencedGroupInfo"
  | "Description"
>;

type FlatInput = Pick<
  AuthorizeSecurityGroupIngressRequest,
  "IpPermissions" | "IpProtocol" | "FromPort" | "ToPort" | "CidrIp" | "SourceSecurityGroupName"
> & { SourceSecurityGroupOwnerId?: string };

const invalid = (text: string) => new Ec2Error("InvalidParameterValue", text);

/** The request's permissions: those of the list, or the one that its flat parameters spell out. */
export function permissionsOfInput(input: FlatInput): IpPermission[] {
  const { IpPermissions, IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName } = input;
  const isFlat = IpProtocol !== undefined || CidrIp !== undefined || SourceSecurityGroupName !== undefined;
  if (IpPermissions?.length && isFlat) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      "The parameter ipPermissions cannot be used with the parameter ipProtocol, cidrIp or sourceSecurityGroupName",
    );
  }
  if (IpPermissions?.length) return IpPermissions;
  if (!isFlat) throw new Ec2Error("MissingParameter", "The request must contain the parameter ipPermissions");
  const UserId = input.SourceSecurityGroupOwnerId;
  return [
    {
      // With a source group alone, EC2 takes all traffic.
      IpProtocol: IpProtocol ?? "-1",
      FromPort,
      ToPort,
      IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
      UserIdGroupPairs: SourceSecurityGroupName ? [{ GroupName: SourceSecurityGroupName, UserId }] : [],
    },
  ];
}

/** One rule for each peer of each permission, checked, as the group will keep it. */
export function rulesOfPermissions(
  call: Call,
  group: SecurityGroup,
  permissions: readonly IpPermission[],
  IsEgress: boolean,
): RuleBody[] {
  return permissions.flatMap((permission) => {
    const base = { IsEgress, ...portsOf(permission) };
    const rules: RuleBody[] = [
      ...(permission.IpRanges ?? []).map(({ CidrIp, Description }) => ({
        ...base,
        CidrIpv4: canonicalCidr(CidrIp ?? "", 4),
        ...described(Description),
      })),
      ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6, Description }) => ({
        ...base,
        CidrIpv6: canonicalCidr(CidrIpv6 ?? "", 6),
        ...described(Description),
      })),
      ...(permission.PrefixListIds ?? []).map(({ PrefixListId }): RuleBody => {
        throw new Ec2Error(
          "InvalidPrefixListID.NotFound",
          `The prefix list ID '${PrefixListId}' does not exist`,
        );
      }),
      ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
        ...base,
        ReferencedGroupInfo: referenced(call, group, pair),
        ...described(pair.Description),
      })),
    ];
    if (rules.length === 0) {
      throw new Ec2Error(
        "MissingParameter",
        "Either 'ipRanges', 'ipv6Ranges', 'prefixListIds' or 'groups' must be specified for a permission",
      );
    }
    return rules;
  });
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
export function portsOf(
  given: Pick<IpPermission, "IpProtocol" | "FromPort" | "ToPort">,
): Pick<RuleBody, "IpProtocol" | "FromPort" | "ToPort"> {
  if (given.IpProtocol === undefined) {
    throw new Ec2Error("MissingParameter", "The request must contain the parameter ipProtocol");
  }
  const IpProtocol = protocolName(given.IpProtocol);
  const { FromPort, ToPort } = given;
  if (IpProtocol === "tcp" || IpProtocol === "udp") {
    if (FromPort === undefined || ToPort === undefined) {
      throw invalid("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
    }
    // Clients send -1 for "all", which EC2 keeps as the whole range.
    if (FromPort === -1 && ToPort === -1) return { IpProtocol, FromPort: 0, ToPort: 65535 };
    if (FromPort < 0 || ToPort > 65535 || FromPort > ToPort) {
      throw invalid(`Invalid TCP/UDP port range (${FromPort}:${ToPort})`);
    }
    return { IpProtocol, FromPort, ToPort };
  }
  if (IpProtocol === "icmp" || IpProtocol === "icmpv6") {
    const [type, code] = [FromPort ?? -1, ToPort ?? -1];
    if (type < -1 || type > 255) throw invalid(`ICMP type (${type}) is out of range`);
    if (code < -1 || code > 255) throw invalid(`ICMP code (${code}) is out of range`);
    if (type === -1 && code !== -1) throw invalid("ICMP code must be -1 (all codes) when the type is -1");
    return { IpProtocol, FromPort: type, ToPort: code };
  }
  return { IpProtocol, FromPort: -1, ToPort: -1 };
}

export function described(Description: string | undefined): Pick<RuleBody, "Description"> {
  if (Description === undefined || Description === "") return {};
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(Description)) {
    throw invalid(
      "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
    );
  }
  return { Description };
}

/** A group of the same VPC, or of a VPC of this Region with which an active peering exists. */
export function referenced(
  call: Call,
  own: SecurityGroup,
  pair: UserIdGroupPair,
): NonNullable<RuleBody["ReferencedGroupInfo"]> {
  const GroupId = pair.GroupId ?? groupByName(call, pair.GroupName).GroupId!;
  const missing = new Ec2Error("InvalidGroup.NotFound", `The security group '${GroupId}' does not exist`);
  if (!GroupId.startsWith("sg-")) {
    throw new Ec2Error("InvalidGroupId.Malformed", `Invalid id: "${GroupId}" (expecting "sg-...")`);
  }
  const found = groupAnywhere(call.world, GroupId);
  if (!found) throw missing;
  const { group, tables } = found;
  const isOwn = tables === call.tables;
  if (pair.UserId !== undefined && pair.UserId !== tables.account) throw missing;
  if (isOwn && group.VpcId === own.VpcId) return { GroupId, UserId: tables.account };
  const peering = [...call.world.peerings.values()].find(
    ({ Status, RequesterVpcInfo, AccepterVpcInfo }) =>
      Status?.Code === "active" &&
      RequesterVpcInfo?.Region === AccepterVpcInfo?.Region &&
      [RequesterVpcInfo?.VpcId, AccepterVpcInfo?.VpcId].includes(own.VpcId) &&
      [RequesterVpcInfo?.VpcId, AccepterVpcInfo?.VpcId].includes(group.VpcId),
  );
  if (!peering && !isOwn) throw missing;
  if (!peering) {
    throw new Ec2Error(
      "InvalidGroup.NotFound",
      "You have specified two resources that belong to different networks.",
    );
  }
  return {
    GroupId,
    UserId: tables.account,
    VpcId: group.VpcId,
    VpcPeeringConnectionId: peering.VpcPeeringConnectionId,
  };
}

/** Two rules with the same text are the same rule. In EC2's words, as its errors quote it. */
export function ruleText(rule: RuleBody): string {
  const peer = rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId;
  const any = (value: number | undefined) => (value === -1 ? "ALL" : String(value));
  const protocol = rule.IpProtocol === "-1" ? "ALL" : rule.IpProtocol!.toUpperCase();
  const ports =
    protocol === "TCP" || protocol === "UDP"
      ? `, from port: ${rule.FromPort}, to port: ${rule.ToPort}`
      : protocol.startsWith("ICMP")
        ? `, type: ${any(rule.FromPort)}, code: ${any(rule.ToPort)}`
        : "";
  return `peer: ${peer}, ${protocol}${ports}, ALLOW`;
}
