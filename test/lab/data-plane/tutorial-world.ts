import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import { instant } from "../../../src/lab/profile.ts";
import type { Tables, World } from "../../../src/lab/world.ts";
import { createWorld, emptyTables } from "../../../src/lab/world-store.ts";
import { cidr } from "../../../src/net/cidr.ts";

/** The public address of `i-1`. */
export const publicAddress = "203.0.113.10";
const account = "123456789012";

/**
 * The tutorial's topology as it stands before ICMP is opened: two peered VPCs, an instance in each (`i-1` at 10.1.0.4 with a
 * public address and port 22 open to the caller, `i-2` at 10.2.0.4 with a group that lets nothing in).
 */
export function tutorialWorld(now: number): World & { home: Tables } {
  const world = createWorld({ profile: instant, seed: 1, now });
  const home = emptyTables(account, "us-east-1");
  world.tables.set(`${account}/us-east-1`, home);
  addVpc(home, 1, now);
  addVpc(home, 2, now);
  world.peerings.set("pcx-12", {
    VpcPeeringConnectionId: "pcx-12",
    Status: { Code: "active" },
    RequesterVpcInfo: { VpcId: "vpc-1", OwnerId: account, Region: "us-east-1" },
    AccepterVpcInfo: { VpcId: "vpc-2", OwnerId: account, Region: "us-east-1" },
  });
  for (const [here, there] of [
    ["1", "2"],
    ["2", "1"],
  ]) {
    home.routeTables.get(`rtb-${here}`)!.Routes!.push({
      DestinationCidrBlock: `10.${there}.0.0/16`,
      VpcPeeringConnectionId: "pcx-12",
      State: "active",
    });
  }
  const eni = home.networkInterfaces.get("eni-1")!;
  eni.PrivateIpAddresses![0]!.Association = { PublicIp: publicAddress };
  allow(home, "sg-1", { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIpv4: "198.51.100.7/32" });
  return Object.assign(world, { home });
}

/** Lets something into a group; gives the rule's id. */
export function allow(tables: Tables, group: string, rule: SecurityGroupRule): string {
  const SecurityGroupRuleId = `sgr-${tables.securityGroupRules.size + 1}`;
  tables.securityGroupRules.set(SecurityGroupRuleId, {
    IsEgress: false,
    GroupId: group,
    SecurityGroupRuleId,
    ...rule,
  });
  return SecurityGroupRuleId;
}

export const icmpFrom = (block: string): SecurityGroupRule => ({
  IpProtocol: "icmp",
  FromPort: -1,
  ToPort: -1,
  CidrIpv4: block,
});

function addVpc(tables: Tables, n: number, now: number): void {
  const block = cidr(`10.${n}.0.0/16`).text;
  const [VpcId, SubnetId] = [`vpc-${n}`, `subnet-${n}`];
  tables.vpcs.set(VpcId, { VpcId, OwnerId: account, CidrBlock: block, State: "available" });
  tables.subnets.set(SubnetId, {
    SubnetId,
    VpcId,
    CidrBlock: `10.${n}.0.0/24`,
    AvailabilityZone: "us-east-1a",
  });
  tables.internetGateways.set(`igw-${n}`, {
    InternetGatewayId: `igw-${n}`,
    Attachments: [{ VpcId, State: "attached" }],
  });
  tables.routeTables.set(`rtb-${n}`, {
    RouteTableId: `rtb-${n}`,
    VpcId,
    Associations: [{ Main: true, RouteTableId: `rtb-${n}` }],
    Routes: [
      { DestinationCidrBlock: block, GatewayId: "local", State: "active" },
      { DestinationCidrBlock: "0.0.0.0/0", GatewayId: `igw-${n}`, State: "active" },
    ],
  });
  const open = { Protocol: "-1", CidrBlock: "0.0.0.0/0", RuleAction: "allow", RuleNumber: 100 } as const;
  tables.networkAcls.set(`acl-${n}`, {
    NetworkAclId: `acl-${n}`,
    VpcId,
    Associations: [{ SubnetId, NetworkAclId: `acl-${n}` }],
    Entries: [
      { ...open, Egress: true },
      { ...open, Egress: false },
    ],
  });
  tables.securityGroups.set(`sg-${n}`, { GroupId: `sg-${n}`, VpcId });
  allow(tables, `sg-${n}`, { IsEgress: true, IpProtocol: "-1", CidrIpv4: "0.0.0.0/0" });
  const address = `10.${n}.0.4`;
  tables.networkInterfaces.set(`eni-${n}`, {
    NetworkInterfaceId: `eni-${n}`,
    VpcId,
    SubnetId,
    Status: "in-use",
    MacAddress: `02:00:00:00:00:0${n}`,
    PrivateIpAddress: address,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address }],
    Groups: [{ GroupId: `sg-${n}` }],
    Attachment: { InstanceId: `i-${n}`, DeviceIndex: 0, Status: "attached" },
    SourceDestCheck: true,
  });
  tables.instances.set(`i-${n}`, {
    instance: { InstanceId: `i-${n}`, State: { Name: "running" }, PrivateIpAddress: address },
    reservationId: `r-${n}`,
    disableApiTermination: false,
    disableApiStop: false,
    shutdownBehavior: "stop",
    autoPublicIp: false,
    runningSince: now,
  });
}
