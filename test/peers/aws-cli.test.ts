import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { census } from "./support/census.ts";
import { type LabUnderTest, startBuiltLab } from "./support/lab.ts";
import { describePeers, program } from "./support/peers.ts";
import { type Ended, output, run } from "./support/run.ts";

const awsCli = program("aws");
const ssh = program("ssh");
const sshKeygen = program("ssh-keygen");
const nc = program("nc");

const region = "us-east-1";

/** What the tests before have made; each goes on where the one before ended. */
interface Side {
  name: string;
  cidr: string;
  vpc: string;
  subnet: string;
  gateway: string;
  table: string;
  association: string;
  group: string;
  instance: string;
  interface: string;
  privateIp: string;
}

describePeers("the AWS CLI on the lab", [awsCli, ssh, sshKeygen, nc], () => {
  let lab: LabUnderTest;
  let before: Record<string, number>;
  const one = { name: "vpc-1", cidr: "10.1.0.0/16" } as Side;
  const two = { name: "vpc-2", cidr: "10.2.0.0/16" } as Side;
  const sides = [one, two];
  const made = { peering: "", allocation: "", publicIp: "", association: "" };

  const settings = () => ({ env: { ...lab.env, AWS_DEFAULT_OUTPUT: "json" }, cwd: lab.folder });
  /** `aws ec2 ARGS`, all words in one string as one would type them; resolves with what it printed. */
  const ec2 = async (line: string, ...more: string[]) => {
    const text = await output(awsCli.found!, ["ec2", ...line.split(" "), ...more], settings());
    return text.trim() === "" ? undefined : JSON.parse(text);
  };
  const refused = async (line: string, ...more: string[]): Promise<Ended> => {
    const ended = await run(awsCli.found!, ["ec2", ...line.split(" "), ...more], settings());
    expect(ended.code).not.toBe(0);
    return ended;
  };
  /** Two at a time: each takes a second of CPU before it says a word. */
  const both = <Result>(work: (side: Side) => Promise<Result>) => Promise.all(sides.map(work));
  const tags = (type: string, { name }: Side) => [
    "--tag-specifications",
    `ResourceType=${type},Tags=[{Key=Name,Value=${name}},{Key=project,Value=by-hand}]`,
  ];

  beforeAll(async () => {
    lab = await startBuiltLab();
    before = await census(lab.url, region);
  });
  afterAll(() => lab?.stop());

  it("knows who it is, and where", async () => {
    const who = JSON.parse(await output(awsCli.found!, ["sts", "get-caller-identity"], settings()));
    expect(who).toMatchObject({ Account: "123456789012" });
    const zones = await ec2("describe-availability-zones --query AvailabilityZones[].ZoneName");
    expect(zones).toContain("us-east-1a");
    const { AccountAttributes } = await ec2("describe-account-attributes --attribute-names default-vpc");
    expect(AccountAttributes[0].AttributeValues[0].AttributeValue).toMatch(/^vpc-/);
  });

  it("makes two VPCs with public subnets, and reads them back", async () => {
    await both(async (side) => {
      side.vpc = (await ec2(`create-vpc --cidr-block ${side.cidr}`, ...tags("vpc", side))).Vpc.VpcId;
      await ec2(`wait vpc-available --vpc-ids ${side.vpc}`);
      await ec2(`modify-vpc-attribute --vpc-id ${side.vpc} --enable-dns-hostnames`);
      const subnetCidr = side.cidr.replace("/16", "/24");
      const created = await ec2(
        `create-subnet --vpc-id ${side.vpc} --cidr-block ${subnetCidr} --availability-zone us-east-1a`,
        ...tags("subnet", side),
      );
      expect(created.Subnet).toMatchObject({ AvailableIpAddressCount: 251, MapPublicIpOnLaunch: false });
      side.subnet = created.Subnet.SubnetId;
      await ec2(`wait subnet-available --subnet-ids ${side.subnet}`);
      const { InternetGateway } = await ec2("create-internet-gateway", ...tags("internet-gateway", side));
      side.gateway = InternetGateway.InternetGatewayId;
      await ec2(`attach-internet-gateway --internet-gateway-id ${side.gateway} --vpc-id ${side.vpc}`);
      const { RouteTable } = await ec2(
        `create-route-table --vpc-id ${side.vpc}`,
        ...tags("route-table", side),
      );
      side.table = RouteTable.RouteTableId;
      const associated = await ec2(
        `associate-route-table --route-table-id ${side.table} --subnet-id ${side.subnet}`,
      );
      side.association = associated.AssociationId;
      const route = `--route-table-id ${side.table} --destination-cidr-block 0.0.0.0/0 --gateway-id ${side.gateway}`;
      expect(await ec2(`create-route ${route}`)).toEqual({ Return: true });
    });

    const filter = "--filters Name=tag:project,Values=by-hand";
    const named = await ec2(`describe-vpcs ${filter} --query sort_by(Vpcs,&CidrBlock)[].[VpcId,CidrBlock]`);
    expect(named).toEqual(sides.map(({ vpc, cidr }) => [vpc, cidr]));
    const dns = await ec2(`describe-vpc-attribute --vpc-id ${one.vpc} --attribute enableDnsHostnames`);
    expect(dns.EnableDnsHostnames).toEqual({ Value: true });
    const attached = await ec2(
      `describe-internet-gateways --filters Name=attachment.vpc-id,Values=${two.vpc} --query InternetGateways[].InternetGatewayId`,
    );
    expect(attached).toEqual([two.gateway]);
    const main = await ec2(
      `describe-route-tables --filters Name=vpc-id,Values=${one.vpc} Name=association.main,Values=true --query length(RouteTables)`,
    );
    expect(main).toBe(1);
  });

  it("peers them: request, accept, options, routes both ways", async () => {
    const { VpcPeeringConnection } = await ec2(
      `create-vpc-peering-connection --vpc-id ${one.vpc} --peer-vpc-id ${two.vpc}`,
      ...tags("vpc-peering-connection", one),
    );
    made.peering = VpcPeeringConnection.VpcPeeringConnectionId;
    await ec2(`wait vpc-peering-connection-exists --vpc-peering-connection-ids ${made.peering}`);
    const accepted = await ec2(`accept-vpc-peering-connection --vpc-peering-connection-id ${made.peering}`);
    expect(accepted.VpcPeeringConnection.Status.Code).toMatch(/^(provisioning|active)$/);
    const [active] = await ec2(
      "describe-vpc-peering-connections --filters Name=status-code,Values=active --query VpcPeeringConnections[]",
    );
    expect(active).toMatchObject({
      VpcPeeringConnectionId: made.peering,
      RequesterVpcInfo: { VpcId: one.vpc, CidrBlock: one.cidr, OwnerId: "123456789012", Region: region },
      AccepterVpcInfo: { VpcId: two.vpc, CidrBlock: two.cidr },
    });
    const options = await ec2(
      `modify-vpc-peering-connection-options --vpc-peering-connection-id ${made.peering} --requester-peering-connection-options AllowDnsResolutionFromRemoteVpc=true`,
    );
    expect(options.RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc).toBe(true);
    await both(async (side) => {
      const other = side === one ? two : one;
      await ec2(
        `create-route --route-table-id ${side.table} --destination-cidr-block ${other.cidr} --vpc-peering-connection-id ${made.peering}`,
      );
      const routes = await ec2(
        `describe-route-tables --route-table-ids ${side.table} --query RouteTables[0].Routes[].[DestinationCidrBlock,State]`,
      );
      expect(routes.sort()).toEqual(
        [
          ["0.0.0.0/0", "active"],
          [side.cidr, "active"],
          [other.cidr, "active"],
        ].sort(),
      );
    });
  });

  it("makes security groups, and changes their rules", async () => {
    await both(async (side) => {
      const { GroupId } = await ec2(
        `create-security-group --group-name ${side.name} --vpc-id ${side.vpc}`,
        "--description",
        `The instance in ${side.name}`,
      );
      side.group = GroupId;
      await ec2(`wait security-group-exists --group-ids ${GroupId}`);
    });
    const authorized = await ec2(
      `authorize-security-group-ingress --group-id ${one.group} --protocol tcp --port 22 --cidr 198.51.100.7/32`,
    );
    expect(authorized.SecurityGroupRules[0]).toMatchObject({
      GroupId: one.group,
      IsEgress: false,
      IpProtocol: "tcp",
      FromPort: 22,
      CidrIpv4: "198.51.100.7/32",
    });
    const permission = `IpProtocol=icmp,FromPort=-1,ToPort=-1,IpRanges=[{CidrIp=${one.cidr},Description=ping}]`;
    await ec2(`authorize-security-group-ingress --group-id ${two.group} --ip-permissions`, permission);
    const rules = await ec2(`describe-security-group-rules --filters Name=group-id,Values=${two.group}`);
    expect(rules.SecurityGroupRules).toHaveLength(2);
    const ping = rules.SecurityGroupRules.find(({ IsEgress }: { IsEgress: boolean }) => !IsEgress);
    expect(ping).toMatchObject({ Description: "ping", CidrIpv4: one.cidr });
    await ec2(
      `revoke-security-group-ingress --group-id ${two.group} --security-group-rule-ids ${ping.SecurityGroupRuleId}`,
    );
    const closed = await ec2(
      `describe-security-groups --group-ids ${two.group} --query SecurityGroups[0].IpPermissions`,
    );
    expect(closed).toEqual([]);
    await ec2(`authorize-security-group-ingress --group-id ${two.group} --ip-permissions`, permission);
  });

  it("launches an instance in each, and waits until they run", async () => {
    await both(async (side) => {
      const image = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
      const { Instances } = await ec2(
        `run-instances --image-id ${image} --instance-type t3.micro --count 1 --subnet-id ${side.subnet} --security-group-ids ${side.group} --no-associate-public-ip-address --metadata-options HttpTokens=required,HttpEndpoint=enabled`,
        ...tags("instance", side),
      );
      const [launched] = Instances;
      expect(launched.State.Name).toBe("pending");
      side.instance = launched.InstanceId;
      await ec2(`wait instance-exists --instance-ids ${side.instance}`);
      await ec2(`wait instance-running --instance-ids ${side.instance}`);
    });
    await ec2(`wait instance-status-ok --instance-ids ${one.instance} ${two.instance}`);
    const query =
      "Reservations[].Instances[].[InstanceId,PrivateIpAddress,NetworkInterfaces[0].NetworkInterfaceId]";
    const filters = "--filters Name=tag:project,Values=by-hand Name=instance-state-name,Values=running";
    const rows: [string, string, string][] = await ec2(`describe-instances ${filters} --query ${query}`);
    for (const side of sides) {
      const [, privateIp, eni] = rows.find(([id]) => id === side.instance)!;
      Object.assign(side, { privateIp, interface: eni });
      expect(privateIp).toMatch(new RegExp(`^${side.cidr.replace("0.0/16", "")}0\\.\\d+$`));
    }
    const type = await ec2(
      `describe-instance-attribute --instance-id ${one.instance} --attribute instanceType`,
    );
    expect(type.InstanceType).toEqual({ Value: "t3.micro" });
    const tokens = await ec2(
      `describe-instances --instance-ids ${two.instance} --query Reservations[0].Instances[0].MetadataOptions.HttpTokens`,
    );
    expect(tokens).toBe("required");
  });

  it("gives the first an Elastic IP on its interface", async () => {
    const { AllocationId, PublicIp } = await ec2("allocate-address --domain vpc", ...tags("elastic-ip", one));
    made.allocation = AllocationId;
    made.publicIp = PublicIp;
    const { AssociationId } = await ec2(
      `associate-address --allocation-id ${AllocationId} --network-interface-id ${one.interface}`,
    );
    made.association = AssociationId;
    const [address] = await ec2(`describe-addresses --public-ips ${PublicIp} --query Addresses[]`);
    expect(address).toMatchObject({
      AssociationId,
      InstanceId: one.instance,
      PrivateIpAddress: one.privateIp,
    });
  });

  it("OpenSSH logs in with a key that send-ssh-public-key pushed, and pings over the peering", async () => {
    const folder = join(lab.folder, "ssh");
    mkdirSync(folder);
    const key = join(folder, "key");
    await output(sshKeygen.found!, ["-q", "-t", "ed25519", "-N", "", "-f", key], settings());
    const { stdout: console } = await run(
      awsCli.found!,
      ["ec2", "get-console-output", "--instance-id", one.instance, "--latest", "--output", "text"],
      settings(),
    );
    const push = ["ec2-instance-connect", "send-ssh-public-key", "--instance-id", one.instance];
    const pushed = await output(
      awsCli.found!,
      [...push, "--instance-os-user", "ec2-user", "--ssh-public-key", `file://${key}.pub`],
      settings(),
    );
    expect(JSON.parse(pushed)).toMatchObject({ Success: true });
    const known = join(folder, "known_hosts");
    const session = (command: string) =>
      run(
        ssh.found!,
        [
          ...["-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"],
          ...["-o", "StrictHostKeyChecking=accept-new", "-o", `UserKnownHostsFile=${known}`],
          ...["-o", `ProxyCommand=${nc.found} -X connect -x 127.0.0.1:${lab.port} %h %p`],
          `ec2-user@${made.publicIp}`,
          command,
        ],
        settings(),
      );
    const ping = await session(`ping -c 2 -i 0.2 ${two.privateIp}`);
    expect(ping.stdout).toContain("2 packets transmitted, 2 received, 0% packet loss");
    expect(ping.code).toBe(0);
    expect((await session("exit 7")).code).toBe(7);
    // The key that OpenSSH has seen is the one that the console vouches for.
    const shown = await output(sshKeygen.found!, ["-l", "-f", known], settings());
    const fingerprint = /SHA256:\S+/.exec(shown)?.[0];
    expect(console).toContain(fingerprint);
    expect(readFileSync(known, "utf8")).toContain("ssh-ed25519");
  });

  it("stops and starts an instance; its private address stays", async () => {
    await ec2(`stop-instances --instance-ids ${two.instance}`);
    await ec2(`wait instance-stopped --instance-ids ${two.instance}`);
    await ec2(`start-instances --instance-ids ${two.instance}`);
    await ec2(`wait instance-running --instance-ids ${two.instance}`);
    const ip = await ec2(
      `describe-instances --instance-ids ${two.instance} --query Reservations[0].Instances[0].PrivateIpAddress`,
    );
    expect(ip).toBe(two.privateIp);
  });

  it("tags, filters by tag and untags", async () => {
    await ec2(`create-tags --resources ${one.vpc} ${made.peering} --tags Key=owner,Value=me`);
    const owned = await ec2("describe-tags --filters Name=key,Values=owner --query Tags[].ResourceId");
    expect(owned.sort()).toEqual([made.peering, one.vpc].sort());
    await ec2(`delete-tags --resources ${one.vpc} ${made.peering} --tags Key=owner`);
    expect(await ec2("describe-tags --filters Name=key,Values=owner --query Tags")).toEqual([]);
  });

  it("pages through, as many at a time as asked", async () => {
    const first = await ec2(`describe-subnets --max-items 3 --page-size 5`);
    expect(first.Subnets).toHaveLength(3);
    const rest = await ec2(`describe-subnets --page-size 5 --starting-token ${first.NextToken}`);
    const all = await ec2("describe-subnets --query length(Subnets)");
    expect(first.Subnets.length + rest.Subnets.length).toBe(all);
  });

  it.each([
    ["a VPC that is not empty", () => `delete-vpc --vpc-id ${one.vpc}`, "DependencyViolation"],
    ["a VPC that is not there", () => "delete-vpc --vpc-id vpc-0123456789abcdef0", "InvalidVpcID.NotFound"],
    ["a malformed id", () => "describe-instances --instance-ids ma1", "InvalidInstanceID.Malformed"],
    ["a CIDR that is too large", () => "create-vpc --cidr-block 10.0.0.0/8", "InvalidVpc.Range"],
    [
      "a subnet outside of its VPC",
      () => `create-subnet --vpc-id ${one.vpc} --cidr-block 10.9.0.0/24`,
      "InvalidSubnet.Range",
    ],
    [
      "a route that is there",
      () =>
        `create-route --route-table-id ${one.table} --destination-cidr-block ${two.cidr} --vpc-peering-connection-id ${made.peering}`,
      "RouteAlreadyExists",
    ],
    [
      "a rule that is there",
      () =>
        `authorize-security-group-ingress --group-id ${one.group} --protocol tcp --port 22 --cidr 198.51.100.7/32`,
      "InvalidPermission.Duplicate",
    ],
    [
      "an address that is in use",
      () => `release-address --allocation-id ${made.allocation}`,
      "InvalidIPAddress.InUse",
    ],
    [
      "a second peering of the same pair",
      () => `create-vpc-peering-connection --vpc-id ${one.vpc} --peer-vpc-id ${two.vpc}`,
      "VpcPeeringConnectionAlreadyExists",
    ],
    ["a dry run", () => "create-vpc --cidr-block 10.5.0.0/16 --dry-run", "DryRunOperation"],
    ["an unknown filter", () => "describe-vpcs --filters Name=colour,Values=red", "InvalidParameterValue"],
  ])("refuses %s as EC2 does", async (_what, line, code) => {
    expect((await refused(line())).stderr).toContain(`(${code})`);
  });

  it("tears it all down to nothing", async () => {
    await ec2(`terminate-instances --instance-ids ${one.instance} ${two.instance}`);
    await ec2(`wait instance-terminated --instance-ids ${one.instance} ${two.instance}`);
    // The address lost its interface with the instance.
    await ec2(`release-address --allocation-id ${made.allocation}`);
    await ec2(`delete-vpc-peering-connection --vpc-peering-connection-id ${made.peering}`);
    await ec2(`wait vpc-peering-connection-deleted --vpc-peering-connection-ids ${made.peering}`);
    await both(async (side) => {
      const other = side === one ? two : one;
      const [hole] = await ec2(
        `describe-route-tables --route-table-ids ${side.table} --query RouteTables[0].Routes[?State=='blackhole'].DestinationCidrBlock`,
      );
      expect(hole).toBe(other.cidr);
      await ec2(`delete-route --route-table-id ${side.table} --destination-cidr-block ${other.cidr}`);
      await ec2(`disassociate-route-table --association-id ${side.association}`);
      await ec2(`delete-route-table --route-table-id ${side.table}`);
      await ec2(`delete-security-group --group-id ${side.group}`);
      await ec2(`delete-subnet --subnet-id ${side.subnet}`);
      await ec2(`detach-internet-gateway --internet-gateway-id ${side.gateway} --vpc-id ${side.vpc}`);
      await ec2(`delete-internet-gateway --internet-gateway-id ${side.gateway}`);
      await ec2(`delete-vpc --vpc-id ${side.vpc}`);
    });
    expect(await census(lab.url, region)).toEqual(before);
  });
});
