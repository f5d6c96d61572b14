/**
 * What the model needs of EC2's Describe replies, in EC2's own names. All members are optional, as the SDK has them, so that
 * its objects fit as they are, and this folder stays without a dependency.
 */
export interface Ec2Tables {
  /** Whose tables these are, and where; for rows that do not say it themselves. */
  account: string;
  region: string;
  vpcs?: Iterable<Ec2Vpc>;
  subnets?: Iterable<Ec2Subnet>;
  routeTables?: Iterable<Ec2RouteTable>;
  internetGateways?: Iterable<Ec2InternetGateway>;
  vpcPeeringConnections?: Iterable<Ec2VpcPeeringConnection>;
  securityGroups?: Iterable<Ec2SecurityGroup>;
  /** Where given, the groups' rules are taken from here, with their ids, and not from the groups' permissions. */
  securityGroupRules?: Iterable<Ec2SecurityGroupRule>;
  networkAcls?: Iterable<Ec2NetworkAcl>;
  networkInterfaces?: Iterable<Ec2NetworkInterface>;
  instances?: Iterable<Ec2Instance>;
  /** DescribeInstances' own form of `instances`; both may be given. */
  reservations?: Iterable<{ Instances?: Ec2Instance[] }>;
  /** GetManagedPrefixListEntries' entries, with the list that they are of. */
  prefixLists?: Iterable<{ PrefixListId?: string; Entries?: { Cidr?: string }[] }>;
}

interface BlockPublicAccess {
  InternetGatewayBlockMode?: string;
}

interface Ipv6Association {
  Ipv6CidrBlock?: string;
  Ipv6CidrBlockState?: { State?: string };
}

export interface Ec2Vpc {
  VpcId?: string;
  OwnerId?: string;
  CidrBlock?: string;
  CidrBlockAssociationSet?: { CidrBlock?: string; CidrBlockState?: { State?: string } }[];
  Ipv6CidrBlockAssociationSet?: Ipv6Association[];
  BlockPublicAccessStates?: BlockPublicAccess;
}

export interface Ec2Subnet {
  SubnetId?: string;
  VpcId?: string;
  CidrBlock?: string;
  Ipv6CidrBlockAssociationSet?: Ipv6Association[];
  AvailabilityZone?: string;
  BlockPublicAccessStates?: BlockPublicAccess;
}

export interface Ec2RouteTable {
  RouteTableId?: string;
  VpcId?: string;
  Associations?: {
    Main?: boolean;
    SubnetId?: string;
    GatewayId?: string;
    AssociationState?: { State?: string };
  }[];
  Routes?: Ec2Route[];
}

export interface Ec2Route {
  DestinationCidrBlock?: string;
  DestinationIpv6CidrBlock?: string;
  DestinationPrefixListId?: string;
  GatewayId?: string;
  VpcPeeringConnectionId?: string;
  NetworkInterfaceId?: string;
  NatGatewayId?: string;
  TransitGatewayId?: string;
  LocalGatewayId?: string;
  CarrierGatewayId?: string;
  EgressOnlyInternetGatewayId?: string;
  CoreNetworkArn?: string;
  InstanceId?: string;
  Origin?: string;
  State?: string;
}

export interface Ec2InternetGateway {
  InternetGatewayId?: string;
  Attachments?: { VpcId?: string; State?: string }[];
}

export interface Ec2VpcPeeringConnection {
  VpcPeeringConnectionId?: string;
  Status?: { Code?: string };
  RequesterVpcInfo?: Ec2PeeringSide;
  AccepterVpcInfo?: Ec2PeeringSide;
}

export interface Ec2PeeringSide {
  VpcId?: string;
  OwnerId?: string;
  Region?: string;
  CidrBlock?: string;
  CidrBlockSet?: { CidrBlock?: string }[];
  Ipv6CidrBlockSet?: { Ipv6CidrBlock?: string }[];
  PeeringOptions?: { AllowDnsResolutionFromRemoteVpc?: boolean };
}

export interface Ec2SecurityGroup {
  GroupId?: string;
  VpcId?: string;
  IpPermissions?: Ec2IpPermission[];
  IpPermissionsEgress?: Ec2IpPermission[];
}

export interface Ec2IpPermission {
  IpProtocol?: string;
  FromPort?: number;
  ToPort?: number;
  IpRanges?: { CidrIp?: string }[];
  Ipv6Ranges?: { CidrIpv6?: string }[];
  PrefixListIds?: { PrefixListId?: string }[];
  UserIdGroupPairs?: { GroupId?: string }[];
}

export interface Ec2SecurityGroupRule {
  SecurityGroupRuleId?: string;
  GroupId?: string;
  IsEgress?: boolean;
  IpProtocol?: string;
  FromPort?: number;
  ToPort?: number;
  CidrIpv4?: string;
  CidrIpv6?: string;
  PrefixListId?: string;
  ReferencedGroupInfo?: { GroupId?: string };
}

export interface Ec2NetworkAcl {
  NetworkAclId?: string;
  VpcId?: string;
  Associations?: { SubnetId?: string }[];
  Entries?: {
    RuleNumber?: number;
    Egress?: boolean;
    RuleAction?: string;
    Protocol?: string;
    CidrBlock?: string;
    Ipv6CidrBlock?: string;
    PortRange?: { From?: number; To?: number };
    IcmpTypeCode?: { Type?: number; Code?: number };
  }[];
}

export interface Ec2NetworkInterface {
  NetworkInterfaceId?: string;
  VpcId?: string;
  SubnetId?: string;
  Status?: string;
  SourceDestCheck?: boolean;
  Groups?: { GroupId?: string }[];
  Attachment?: { InstanceId?: string; Status?: string };
  PrivateIpAddresses?: {
    Primary?: boolean;
    PrivateIpAddress?: string;
    Association?: { PublicIp?: string };
  }[];
  Ipv6Addresses?: { Ipv6Address?: string }[];
}

interface Ec2Instance {
  InstanceId?: string;
  State?: { Name?: string };
}
