import {
  DescribeVpcAttribute$,
  type DescribeVpcAttributeRequest,
  ModifyVpcAttribute$,
  type ModifyVpcAttributeRequest,
} from "@aws-sdk/client-ec2";
import { type Actions, changes, reads } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import type { VpcAttributes } from "../world.ts";
import { invalidValue } from "./parameters.ts";

const attributes = {
  enableDnsSupport: "EnableDnsSupport",
  enableDnsHostnames: "EnableDnsHostnames",
  enableNetworkAddressUsageMetrics: "EnableNetworkAddressUsageMetrics",
} as const satisfies Record<keyof VpcAttributes, string>;

const names = Object.keys(attributes) as (keyof VpcAttributes)[];

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html */
export const vpcAttributeActions: Actions = {
  DescribeVpcAttribute: reads(DescribeVpcAttribute$, (input: DescribeVpcAttributeRequest, call) => {
    const VpcId = find(call, "vpc", input.VpcId).VpcId!;
    const name = names.find((each) => each === input.Attribute);
    if (!name) throw invalidValue(input.Attribute, "attribute", "Unknown VPC attribute.");
    return { VpcId, [attributes[name]]: { Value: call.tables.vpcAttributes.get(VpcId)![name] } };
  }),

  ModifyVpcAttribute: changes(ModifyVpcAttribute$, (input: ModifyVpcAttributeRequest, call) => {
    const id = find(call, "vpc", input.VpcId).VpcId!;
    const given = names.filter((name) => input[attributes[name]]?.Value !== undefined);
    const [name] = given;
    if (!name) throw new Ec2Error("MissingParameter", "The request must contain an attribute to modify");
    if (given.length > 1) {
      throw new Ec2Error("InvalidParameterCombination", "Only one attribute can be modified at a time");
    }
    call.tables.vpcAttributes.get(id)![name] = input[attributes[name]]!.Value!;
  }),
};
