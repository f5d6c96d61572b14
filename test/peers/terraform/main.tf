# What `peerctl up` makes, as somebody would write it for Terraform, and no more: the bench compares the two. The endpoint, the
# Region and the credentials come from the environment, so that nothing here knows of the lab.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  default_tags {
    tags = { Project = "peerctl-terraform" }
  }
}

locals {
  cidrs = { vpc-1 = "10.1.0.0/16", vpc-2 = "10.2.0.0/16" }
  peer  = { vpc-1 = "vpc-2", vpc-2 = "vpc-1" }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_ami" "al2023" {
  most_recent = true
  owners      = ["amazon"]
  filter {
    name   = "name"
    values = ["al2023-ami-2023.*-x86_64"]
  }
}

resource "aws_vpc" "this" {
  for_each   = local.cidrs
  cidr_block = each.value
  tags       = { Name = each.key }
}

resource "aws_subnet" "public" {
  for_each                = local.cidrs
  vpc_id                  = aws_vpc.this[each.key].id
  cidr_block              = cidrsubnet(each.value, 8, 0)
  availability_zone       = data.aws_availability_zones.available.names[0]
  map_public_ip_on_launch = false
}

resource "aws_internet_gateway" "this" {
  for_each = local.cidrs
  vpc_id   = aws_vpc.this[each.key].id
}

resource "aws_route_table" "public" {
  for_each = local.cidrs
  vpc_id   = aws_vpc.this[each.key].id
}

resource "aws_route_table_association" "public" {
  for_each       = local.cidrs
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[each.key].id
}

resource "aws_route" "internet" {
  for_each               = local.cidrs
  route_table_id         = aws_route_table.public[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[each.key].id
}

resource "aws_vpc_peering_connection" "this" {
  vpc_id      = aws_vpc.this["vpc-1"].id
  peer_vpc_id = aws_vpc.this["vpc-2"].id
  auto_accept = true
}

resource "aws_route" "peer" {
  for_each                  = local.peer
  route_table_id            = aws_route_table.public[each.key].id
  destination_cidr_block    = aws_vpc.this[each.value].cidr_block
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}

resource "aws_security_group" "instance" {
  for_each    = local.cidrs
  name        = "${each.key}-instance"
  description = "The instance in ${each.key}"
  vpc_id      = aws_vpc.this[each.key].id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  security_group_id = aws_security_group.instance["vpc-1"].id
  description       = "SSH"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "198.51.100.7/32"
}

resource "aws_vpc_security_group_ingress_rule" "ping" {
  security_group_id = aws_security_group.instance["vpc-2"].id
  ip_protocol       = "icmp"
  from_port         = -1
  to_port           = -1
  cidr_ipv4         = local.cidrs["vpc-1"]
}

resource "aws_instance" "this" {
  for_each               = local.cidrs
  ami                    = data.aws_ami.al2023.id
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public[each.key].id
  vpc_security_group_ids = [aws_security_group.instance[each.key].id]
  metadata_options {
    http_tokens = "required"
  }
  root_block_device {
    encrypted   = true
    volume_type = "gp3"
  }
  tags = { Name = each.key }
}

resource "aws_eip" "this" {
  domain = "vpc"
}

resource "aws_eip_association" "this" {
  allocation_id        = aws_eip.this.id
  network_interface_id = aws_instance.this["vpc-1"].primary_network_interface_id
  depends_on           = [aws_internet_gateway.this]
}

output "account" {
  value = data.aws_caller_identity.current.account_id
}

output "region" {
  value = data.aws_region.current.name
}

output "vpcs" {
  value = { for name, vpc in aws_vpc.this : name => vpc.id }
}

output "instances" {
  value = { for name, instance in aws_instance.this : name => instance.id }
}

output "private_ips" {
  value = { for name, instance in aws_instance.this : name => instance.private_ip }
}

output "public_ip" {
  value = aws_eip.this.public_ip
}

output "peering_status" {
  value = aws_vpc_peering_connection.this.accept_status
}
