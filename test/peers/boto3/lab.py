"""boto3 against whatever endpoint the environment names: run as `python3 -m unittest lab.CLASS`.

Each class makes what it needs and removes it, so that they can run in any order.
"""

import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

REGION = "us-east-1"
IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
# A lab has no need of a minute's patience; the waiters' own rules for what is a success or a failure stay.
SOON = {"Delay": 1, "MaxAttempts": 30}


def client(account="123456789012", region=REGION, service="ec2"):
    """On the lab, an access key of twelve digits names the account."""
    return boto3.client(
        service,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="lab",
        config=Config(retries={"total_max_attempts": 1}),
    )


def tags(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


class LabTest(unittest.TestCase):
    def refused(self, code, call, **arguments):
        """The call fails with exactly this code; returns the error's response."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response


class Topology(LabTest):
    """The whole of it by the client API, with the waiters that people use."""

    def test_topology(self):
        ec2 = client()
        vpcs = ec2.describe_vpcs()["Vpcs"]
        sides = [self.side(ec2, name, cidr) for name, cidr in (("one", "10.1"), ("two", "10.2"))]
        one, two = sides

        peering = ec2.create_vpc_peering_connection(VpcId=one["vpc"], PeerVpcId=two["vpc"])
        pcx = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        ec2.get_waiter("vpc_peering_connection_exists").wait(VpcPeeringConnectionIds=[pcx], WaiterConfig=SOON)
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        for side, other in ((one, two), (two, one)):
            route = {"DestinationCidrBlock": other["cidr"], "VpcPeeringConnectionId": pcx}
            self.assertTrue(ec2.create_route(RouteTableId=side["table"], **route)["Return"])

        instances = [side["instance"] for side in sides]
        ec2.get_waiter("instance_running").wait(InstanceIds=instances, WaiterConfig=SOON)
        ec2.get_waiter("instance_status_ok").wait(InstanceIds=instances, WaiterConfig=SOON)
        found = ec2.describe_instances(Filters=[{"Name": "vpc-id", "Values": [one["vpc"]]}])
        interface = found["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip", "one"))
        ec2.associate_address(
            AllocationId=address["AllocationId"], NetworkInterfaceId=interface["NetworkInterfaceId"]
        )
        shown = ec2.describe_instances(InstanceIds=[one["instance"]])["Reservations"][0]["Instances"][0]
        self.assertEqual(shown["PublicIpAddress"], address["PublicIp"])
        self.assertEqual(shown["SecurityGroups"][0]["GroupId"], one["group"])

        ec2.terminate_instances(InstanceIds=instances)
        ec2.get_waiter("instance_terminated").wait(InstanceIds=instances, WaiterConfig=SOON)
        ec2.release_address(AllocationId=address["AllocationId"])
        ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        ec2.get_waiter("vpc_peering_connection_deleted").wait(VpcPeeringConnectionIds=[pcx], WaiterConfig=SOON)
        for side in sides:
            ec2.delete_subnet(SubnetId=side["subnet"])
            ec2.delete_route_table(RouteTableId=side["table"])
            ec2.delete_security_group(GroupId=side["group"])
            ec2.detach_internet_gateway(InternetGatewayId=side["gateway"], VpcId=side["vpc"])
            ec2.delete_internet_gateway(InternetGatewayId=side["gateway"])
            ec2.delete_vpc(VpcId=side["vpc"])
        self.assertEqual(ec2.describe_vpcs()["Vpcs"], vpcs)
        self.assertEqual(ec2.describe_addresses()["Addresses"], [])

    def side(self, ec2, name, start):
        cidr = f"{start}.0.0/16"
        vpc = ec2.create_vpc(CidrBlock=cidr, TagSpecifications=tags("vpc", name))["Vpc"]["VpcId"]
        ec2.get_waiter("vpc_available").wait(VpcIds=[vpc], WaiterConfig=SOON)
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"{start}.0.0/24")["Subnet"]["SubnetId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
            ],
        )
        launched = ec2.run_instances(
            ImageId=IMAGE,
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            SecurityGroupIds=[group],
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=tags("instance", name),
        )
        instance = launched["Instances"][0]["InstanceId"]
        return {
            "cidr": cidr,
            "vpc": vpc,
            "subnet": subnet,
            "gateway": gateway,
            "table": table,
            "group": group,
            "instance": instance,
        }


class Resources(LabTest):
    """The same kinds by the resource API, which reads its collections and attributes by itself."""

    def test_resources(self):
        ec2 = boto3.resource(
            "ec2", region_name=REGION, aws_access_key_id="123456789012", aws_secret_access_key="lab"
        )
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")
        vpc.wait_until_available()
        vpc.create_tags(Tags=[{"Key": "Name", "Value": "by resource"}])
        subnet = vpc.create_subnet(CidrBlock="10.7.1.0/24")
        group = ec2.create_security_group(GroupName="resources", Description="resources", VpcId=vpc.id)
        group.authorize_ingress(IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="198.51.100.7/32")
        (instance,) = ec2.create_instances(
            ImageId=IMAGE,
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet.id,
            SecurityGroupIds=[group.id],
        )
        instance.wait_until_running()
        instance.reload()
        self.assertEqual(instance.vpc.id, vpc.id)
        self.assertEqual(instance.subnet.cidr_block, "10.7.1.0/24")
        self.assertEqual([each.id for each in vpc.instances.all()], [instance.id])
        self.assertEqual([each.id for each in vpc.subnets.all()], [subnet.id])
        self.assertEqual(group.ip_permissions[0]["FromPort"], 22)
        vpc.reload()
        self.assertEqual(vpc.tags, [{"Key": "Name", "Value": "by resource"}])

        instance.terminate()
        instance.wait_until_terminated()
        group.delete()
        subnet.delete()
        vpc.delete()
        self.assertNotIn(vpc.id, [each.id for each in ec2.vpcs.all()])


class Paginators(LabTest):
    def test_pages(self):
        ec2 = client(region="eu-west-1")
        vpcs = [ec2.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"] for n in range(4)]
        pages = list(ec2.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5}))
        self.assertEqual(sum(len(page["Vpcs"]) for page in pages), 5)
        subnets = [
            ec2.create_subnet(VpcId=vpcs[0], CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in range(12)
        ]
        ours = [{"Name": "vpc-id", "Values": [vpcs[0]]}]
        paginator = ec2.get_paginator("describe_subnets")
        pages = list(paginator.paginate(Filters=ours, PaginationConfig={"PageSize": 5}))
        self.assertEqual([len(page["Subnets"]) for page in pages], [5, 5, 2])
        seen = [subnet["SubnetId"] for page in pages for subnet in page["Subnets"]]
        self.assertEqual(sorted(seen), sorted(subnets))
        few = paginator.paginate(Filters=ours, PaginationConfig={"PageSize": 5, "MaxItems": 7})
        self.assertEqual(len(few.build_full_result()["Subnets"]), 7)
        types = ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 5})
        self.assertIn("t3.micro", [row["InstanceType"] for page in types for row in page["InstanceTypes"]])
        self.refused("InvalidNextToken", ec2.describe_subnets, MaxResults=5, NextToken="nonsense")
        for subnet in subnets:
            ec2.delete_subnet(SubnetId=subnet)
        for vpc in vpcs:
            ec2.delete_vpc(VpcId=vpc)


class Errors(LabTest):
    """botocore finds the code, the message and the request's id where EC2 puts them."""

    def test_codes(self):
        ec2 = client(region="eu-north-1")
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]
        response = self.refused("DependencyViolation", ec2.delete_vpc, VpcId=vpc)
        self.assertIn(vpc, response["Error"]["Message"])
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertRegex(response["ResponseMetadata"]["RequestId"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        for code, call, arguments in [
            ("InvalidVpcID.NotFound", ec2.delete_vpc, {"VpcId": "vpc-0123456789abcdef0"}),
            ("InvalidSubnet.Conflict", ec2.create_subnet, {"VpcId": vpc, "CidrBlock": "10.1.0.128/25"}),
            ("InvalidSubnet.Range", ec2.create_subnet, {"VpcId": vpc, "CidrBlock": "10.1.0.0/29"}),
            ("InvalidVpc.Range", ec2.create_vpc, {"CidrBlock": "10.0.0.0/15"}),
            ("InvalidParameterValue", ec2.create_vpc, {"CidrBlock": "nonsense"}),
            ("InvalidInstanceID.Malformed", ec2.describe_instances, {"InstanceIds": ["ma1"]}),
            ("InvalidGroup.NotFound", ec2.describe_security_groups, {"GroupIds": ["sg-0123456789abcdef0"]}),
            ("InvalidAllocationID.NotFound", ec2.release_address, {"AllocationId": "eipalloc-0123456789abcdef0"}),
            ("DryRunOperation", ec2.create_vpc, {"CidrBlock": "10.2.0.0/16", "DryRun": True}),
            ("DryRunOperation", ec2.delete_subnet, {"SubnetId": subnet, "DryRun": True}),
        ]:
            with self.subTest(code=code, arguments=arguments):
                self.refused(code, call, **arguments)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_vpc(VpcId=vpc)

    def test_a_waiter_that_fails(self):
        ec2 = client(region="eu-north-1")
        launched = ec2.run_instances(ImageId=IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1)
        instance = launched["Instances"][0]["InstanceId"]
        ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=SOON)
        ec2.terminate_instances(InstanceIds=[instance])
        with self.assertRaisesRegex(WaiterError, "terminal failure state"):
            ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig=SOON)

    def test_a_client_token_gives_the_same_instance_again(self):
        ec2 = client(region="eu-north-1")
        order = {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "ClientToken": "same"}
        ids = [ec2.run_instances(**order)["Instances"][0]["InstanceId"] for _ in range(2)]
        self.assertEqual(ids[0], ids[1])
        self.refused("IdempotentParameterMismatch", ec2.run_instances, **{**order, "InstanceType": "t3.small"})
        ec2.terminate_instances(InstanceIds=ids[:1])
        ec2.get_waiter("instance_terminated").wait(InstanceIds=ids[:1], WaiterConfig=SOON)


class TwoRegions(LabTest):
    def test_a_peering_is_accepted_in_the_other_region(self):
        here, there = client(region="us-east-1"), client(region="eu-central-1")
        mine = here.create_vpc(CidrBlock="10.11.0.0/16")["Vpc"]["VpcId"]
        theirs = there.create_vpc(CidrBlock="10.12.0.0/16")["Vpc"]["VpcId"]
        self.refused("InvalidVpcID.NotFound", there.describe_vpcs, VpcIds=[mine])
        asked = here.create_vpc_peering_connection(VpcId=mine, PeerVpcId=theirs, PeerRegion="eu-central-1")
        pcx = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        there.get_waiter("vpc_peering_connection_exists").wait(VpcPeeringConnectionIds=[pcx], WaiterConfig=SOON)
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptVpcPeeringConnection.html
        self.refused("OperationNotPermitted", here.accept_vpc_peering_connection, VpcPeeringConnectionId=pcx)
        there.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        for side in (here, there):
            (row,) = side.describe_vpc_peering_connections(VpcPeeringConnectionIds=[pcx])["VpcPeeringConnections"]
            self.assertEqual(row["Status"]["Code"], "active")
            self.assertEqual(row["RequesterVpcInfo"]["Region"], "us-east-1")
            self.assertEqual(row["AccepterVpcInfo"]["Region"], "eu-central-1")
        there.delete_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        here.get_waiter("vpc_peering_connection_deleted").wait(VpcPeeringConnectionIds=[pcx], WaiterConfig=SOON)
        here.delete_vpc(VpcId=mine)
        there.delete_vpc(VpcId=theirs)


class TwoAccounts(LabTest):
    def test_a_peering_is_accepted_by_the_other_account(self):
        mine, theirs = client("111111111111"), client("222222222222")
        who = client("222222222222", service="sts").get_caller_identity()
        self.assertEqual(who["Account"], "222222222222")
        one = mine.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        two = theirs.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        asked = mine.create_vpc_peering_connection(VpcId=one, PeerVpcId=two, PeerOwnerId="222222222222")
        pcx = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        self.refused("OperationNotPermitted", mine.accept_vpc_peering_connection, VpcPeeringConnectionId=pcx)
        theirs.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        mine.create_tags(Resources=[pcx], Tags=[{"Key": "Name", "Value": "mine"}])
        (shown,) = theirs.describe_vpc_peering_connections(VpcPeeringConnectionIds=[pcx])["VpcPeeringConnections"]
        self.assertEqual(shown.get("Tags", []), [])
        self.assertEqual(shown["Status"]["Code"], "active")
        self.assertEqual(shown["RequesterVpcInfo"]["OwnerId"], "111111111111")
        mine.delete_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        mine.delete_vpc(VpcId=one)
        theirs.delete_vpc(VpcId=two)

    def test_rejected_by_the_other_account(self):
        mine, theirs = client("111111111111"), client("222222222222")
        one = mine.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        two = theirs.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        asked = mine.create_vpc_peering_connection(VpcId=one, PeerVpcId=two, PeerOwnerId="222222222222")
        pcx = asked["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        theirs.reject_vpc_peering_connection(VpcPeeringConnectionId=pcx)
        (row,) = mine.describe_vpc_peering_connections(VpcPeeringConnectionIds=[pcx])["VpcPeeringConnections"]
        self.assertEqual(row["Status"]["Code"], "rejected")
        self.refused("InvalidStateTransition", theirs.accept_vpc_peering_connection, VpcPeeringConnectionId=pcx)
        mine.delete_vpc(VpcId=one)
        theirs.delete_vpc(VpcId=two)


class AtOnce(LabTest):
    def test_many_callers(self):
        """Calls that come at the same time neither lose nor double anything."""
        ec2 = client(region="ap-northeast-1")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        start = threading.Barrier(8)

        def make(n):
            start.wait()
            return ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"]

        with ThreadPoolExecutor(8) as pool:
            subnets = list(pool.map(make, range(32)))
        self.assertEqual(len(set(subnets)), 32)
        shown = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        self.assertEqual({row["SubnetId"] for row in shown}, set(subnets))
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda subnet: ec2.delete_subnet(SubnetId=subnet), subnets))
        ec2.delete_vpc(VpcId=vpc)


if __name__ == "__main__":
    unittest.main()
