import { expect, test } from "vitest";
import type { Aws } from "../../src/aws/aws.ts";
import { blockersOf } from "../../src/aws/blockers.ts";
import { serviceError } from "../support/service-error.ts";

/** An AWS that answers each Describe with these rows, and any other as an endpoint that does not know it. */
function answering(answers: Record<string, object>): Aws {
  const ec2 = async (command: object) => {
    const action = command.constructor.name.replace(/Command$/, "");
    const answer = answers[action];
    if (!answer) throw serviceError("InvalidAction");
    return answer;
  };
  return { ec2 } as unknown as Aws;
}

const ours = { uuid: "mine", ids: new Set(["subnet-ours", "i-ours", "igw-ours"]) };

const rows: [name: string, input: object, answers: Record<string, object>, blockers: object[]][] = [
  [
    "others' subnet and gateway on our route table",
    { RouteTableId: "rtb-1" },
    {
      DescribeRouteTables: {
        RouteTables: [
          {
            Associations: [
              { RouteTableAssociationId: "rtbassoc-1", SubnetId: "subnet-ours" },
              { RouteTableAssociationId: "rtbassoc-2", SubnetId: "subnet-theirs" },
              { RouteTableAssociationId: "rtbassoc-3", GatewayId: "vgw-theirs" },
              {
                RouteTableAssociationId: "rtbassoc-4",
                SubnetId: "subnet-past",
                AssociationState: { State: "disassociated" },
              },
            ],
          },
        ],
      },
    },
    [
      { id: "subnet-theirs", type: "subnet", detail: "associated by rtbassoc-2" },
      { id: "vgw-theirs", type: "gateway", detail: "associated by rtbassoc-3" },
    ],
  ],
  [
    "our route table is the main one",
    { RouteTableId: "rtb-1" },
    {
      DescribeRouteTables: {
        RouteTables: [{ Associations: [{ RouteTableAssociationId: "rtbassoc-1", Main: true }] }],
      },
    },
    [{ id: "rtbassoc-1", type: "association", detail: "it is the VPC's main route table" }],
  ],
  [
    "who holds our address",
    { AllocationId: "eipalloc-1" },
    { DescribeAddresses: { Addresses: [{ PublicIp: "203.0.113.9", NetworkInterfaceId: "eni-nat" }] } },
    [{ id: "eni-nat", type: "network interface", detail: "it holds 203.0.113.9" }],
  ],
  [
    "our own instance holds it for a moment",
    { AllocationId: "eipalloc-1" },
    { DescribeAddresses: { Addresses: [{ NetworkInterfaceId: "eni-1", InstanceId: "i-ours" }] } },
    [],
  ],
  ["a route table's association is no address", { AssociationId: "rtbassoc-1" }, {}, []],
  [
    "a gateway is kept by public addresses alone",
    { VpcId: "vpc-1", InternetGatewayId: "igw-ours" },
    {
      DescribeNetworkInterfaces: {
        NetworkInterfaces: [
          { NetworkInterfaceId: "eni-1", InterfaceType: "interface" },
          {
            NetworkInterfaceId: "eni-2",
            InterfaceType: "nat_gateway",
            Association: { PublicIp: "203.0.113.8" },
          },
        ],
      },
    },
    [{ id: "eni-2", type: "network interface", detail: "nat_gateway" }],
  ],
  [
    "gateways of every kind keep a VPC; those of before, or of another one, do not",
    { VpcId: "vpc-1" },
    {
      DescribeInternetGateways: {
        InternetGateways: [{ InternetGatewayId: "igw-ours" }, { InternetGatewayId: "igw-theirs" }],
      },
      DescribeVpnGateways: {
        VpnGateways: [
          { VpnGatewayId: "vgw-1", State: "available", VpcAttachments: [{ State: "attached" }] },
          { VpnGatewayId: "vgw-2", State: "available", VpcAttachments: [{ State: "detached" }] },
          { VpnGatewayId: "vgw-3", State: "deleted", VpcAttachments: [{ State: "attached" }] },
        ],
      },
      DescribeEgressOnlyInternetGateways: {
        EgressOnlyInternetGateways: [
          { EgressOnlyInternetGatewayId: "eigw-1", Attachments: [{ VpcId: "vpc-1" }] },
          { EgressOnlyInternetGatewayId: "eigw-2", Attachments: [{ VpcId: "vpc-2" }] },
        ],
      },
    },
    [
      { id: "igw-theirs", type: "internet gateway" },
      { id: "vgw-1", type: "VPN gateway" },
      { id: "eigw-1", type: "egress-only internet gateway" },
    ],
  ],
  [
    "interfaces: this stack's tag and this stack's instances only are ours",
    { SubnetId: "subnet-1" },
    {
      DescribeNetworkInterfaces: {
        NetworkInterfaces: [
          { NetworkInterfaceId: "eni-1", TagSet: [{ Key: "peerctl:stack", Value: "mine" }] },
          { NetworkInterfaceId: "eni-2", Attachment: { InstanceId: "i-ours" } },
          { NetworkInterfaceId: "eni-3", TagSet: [{ Key: "peerctl:stack", Value: "another" }] },
        ],
      },
    },
    [{ id: "eni-3", type: "network interface" }],
  ],
];

test.each(rows)("%s", async (_name, input, answers, blockers) => {
  expect(await blockersOf(answering(answers), input, ours)).toEqual(blockers);
});
