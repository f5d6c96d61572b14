import {
  CreateVpcBlockPublicAccessExclusion$,
  type CreateVpcBlockPublicAccessExclusionRequest,
  DeleteVpcBlockPublicAccessExclusion$,
  type DeleteVpcBlockPublicAccessExclusionRequest,
  DescribeVpcBlockPublicAccessExclusions$,
  type DescribeVpcBlockPublicAccessExclusionsRequest,
  DescribeVpcBlockPublicAccessOptions$,
  ModifyVpcBlockPublicAccessOptions$,
  type ModifyVpcBlockPublicAccessOptionsRequest,
  type VpcBlockPublicAccessExclusion,
  type VpcBlockPublicAccessOptions,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { type FilterFields, filterTest, page } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { arnOf, spreadPublicAccess } from "../public-access.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";

const modes = ["off", "block-bidirectional", "block-ingress"];
const exclusionModes = ["allow-bidirectional", "allow-egress"];

const filters: FilterFields<VpcBlockPublicAccessExclusion> = {
  "resource-arn": (row) => row.ResourceArn,
  "internet-gateway-exclusion-mode": (row) => row.InternetGatewayExclusionMode,
  state: (row) => row.State,
};

/**
 * VPC Block Public Access, per account and Region. AWS takes minutes to apply a change; here it holds at once.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
 */
export const publicAccessActions: Actions = {
  DescribeVpcBlockPublicAccessOptions: reads(
    DescribeVpcBlockPublicAccessOptions$,
    (_input: object, call) => ({ VpcBlockPublicAccessOptions: optionsOf(call) }),
  ),

  ModifyVpcBlockPublicAccessOptions: changes(
    ModifyVpcBlockPublicAccessOptions$,
    ({ InternetGatewayBlockMode }: ModifyVpcBlockPublicAccessOptionsRequest, call) => {
      if (!InternetGatewayBlockMode || !modes.includes(InternetGatewayBlockMode)) {
        const expected = `Expecting one of ${modes.join(", ")}.`;
        throw invalidValue(InternetGatewayBlockMode, "internetGatewayBlockMode", expected);
      }
      call.tables.publicAccess = {
        ...optionsOf(call),
        State: "update-complete",
        InternetGatewayBlockMode,
        LastUpdateTimestamp: new Date(call.world.now),
      };
      spreadPublicAccess(call.tables);
      return { VpcBlockPublicAccessOptions: { ...call.tables.publicAccess, State: "update-in-progress" } };
    },
  ),

  CreateVpcBlockPublicAccessExclusion: changes(
    CreateVpcBlockPublicAccessExclusion$,
    (input: CreateVpcBlockPublicAccessExclusionRequest, call) => {
      refuseUnmodelled(input, ["TagSpecifications"]);
      const { InternetGatewayExclusionMode: mode } = input;
      if (!mode || !exclusionModes.includes(mode)) {
        const expected = `Expecting one of ${exclusionModes.join(", ")}.`;
        throw invalidValue(mode, "internetGatewayExclusionMode", expected);
      }
      const now = new Date(call.world.now);
      const exclusion: VpcBlockPublicAccessExclusion = {
        ExclusionId: call.world.ids.make("vpcbpa-exclude"),
        InternetGatewayExclusionMode: mode,
        ResourceArn: resourceOf(call, input),
        State: "create-complete",
        CreationTimestamp: now,
        LastUpdateTimestamp: now,
      };
      call.tables.publicAccessExclusions ??= new Map();
      call.tables.publicAccessExclusions.set(exclusion.ExclusionId!, exclusion);
      spreadPublicAccess(call.tables);
      return { VpcBlockPublicAccessExclusion: { ...exclusion, State: "create-in-progress" } };
    },
  ),

  DescribeVpcBlockPublicAccessExclusions: reads(
    DescribeVpcBlockPublicAccessExclusions$,
    (input: DescribeVpcBlockPublicAccessExclusionsRequest, call) => {
      const rows = call.tables.publicAccessExclusions ?? new Map<string, VpcBlockPublicAccessExclusion>();
      for (const id of input.ExclusionIds ?? []) if (!rows.has(id)) throw notFound(id);
      const tests = (input.Filters ?? []).map((filter) => filterTest(call, filter, filters));
      const wanted = [...rows].filter(
        ([id, row]) =>
          (!input.ExclusionIds?.length || input.ExclusionIds.includes(id)) &&
          tests.every((test) => test(id, row)),
      );
      const { rows: shown, nextToken } = page(wanted, input.MaxResults, input.NextToken);
      return { VpcBlockPublicAccessExclusions: shown.map(([, row]) => row), NextToken: nextToken };
    },
  ),

  DeleteVpcBlockPublicAccessExclusion: changes(
    DeleteVpcBlockPublicAccessExclusion$,
    ({ ExclusionId = "" }: DeleteVpcBlockPublicAccessExclusionRequest, call) => {
      const row = call.tables.publicAccessExclusions?.get(ExclusionId);
      if (!row) throw notFound(ExclusionId);
      call.tables.publicAccessExclusions?.delete(ExclusionId);
      spreadPublicAccess(call.tables);
      return { VpcBlockPublicAccessExclusion: { ...row, State: "delete-in-progress" } };
    },
  ),
};

function optionsOf({ account, region, tables }: Call): VpcBlockPublicAccessOptions {
  return (
    tables.publicAccess ?? {
      AwsAccountId: account,
      AwsRegion: region,
      State: "default-state",
      InternetGatewayBlockMode: "off",
      ManagedBy: "account",
      ExclusionsAllowed: "allowed",
    }
  );
}

/** Exactly one of the two. */
function resourceOf(call: Call, { VpcId, SubnetId }: CreateVpcBlockPublicAccessExclusionRequest): string {
  if ((VpcId === undefined) === (SubnetId === undefined)) {
    throw new Ec2Error("InvalidParameterCombination", "Specify exactly one of VpcId or SubnetId.");
  }
  if (VpcId !== undefined) return arnOf(call.tables, "vpc", find(call, "vpc", VpcId).VpcId!);
  return arnOf(call.tables, "subnet", find(call, "subnet", SubnetId).SubnetId!);
}

function notFound(id: string): Ec2Error {
  return new Ec2Error(
    "InvalidVpcBlockPublicAccessExclusionId.NotFound",
    `The exclusion '${id}' does not exist`,
  );
}
