import type { BlockPublicAccessStates, InternetGatewayBlockMode } from "@aws-sdk/client-ec2";
import type { Tables } from "./world.ts";

/**
 * How VPC Block Public Access stands for a VPC or subnet: the nearest exclusion, else the account's mode.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
 */
export function publicAccessStates(tables: Tables, ...arns: string[]): BlockPublicAccessStates {
  const mode = tables.publicAccess?.InternetGatewayBlockMode ?? "off";
  const exclusions = [...(tables.publicAccessExclusions?.values() ?? [])];
  const nearest = arns
    .map((arn) => exclusions.find(({ ResourceArn }) => ResourceArn === arn))
    .find((found) => found !== undefined);
  return { InternetGatewayBlockMode: nearest ? excluded(mode, nearest.InternetGatewayExclusionMode) : mode };
}

/** `allow-egress` says something only where both directions are blocked. */
function excluded(mode: InternetGatewayBlockMode, exclusion: string | undefined): InternetGatewayBlockMode {
  return exclusion === "allow-egress" && mode !== "off" ? "block-ingress" : "off";
}

export function arnOf({ account, region }: Tables, kind: "vpc" | "subnet", id: string): string {
  return `arn:aws:ec2:${region}:${account}:${kind}/${id}`;
}

/** Writes the states into every row that shows them; to be called after each change of the account's mode or exclusions. */
export function spreadPublicAccess(tables: Tables): void {
  for (const [id, vpc] of tables.vpcs)
    vpc.BlockPublicAccessStates = publicAccessStates(tables, arnOf(tables, "vpc", id));
  for (const [id, subnet] of tables.subnets) {
    const arns = [arnOf(tables, "subnet", id), arnOf(tables, "vpc", subnet.VpcId ?? "")];
    subnet.BlockPublicAccessStates = publicAccessStates(tables, ...arns);
  }
}
