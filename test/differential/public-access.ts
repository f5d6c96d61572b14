import {
  CreateVpcBlockPublicAccessExclusionCommand,
  ModifyVpcBlockPublicAccessOptionsCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import type { Vpc } from "./vpcs.ts";

/** Shuts the gateways of one account in one Region, with an exclusion or without. */
export async function blockPublicAccess(chance: Chance, { client, id, subnets }: Vpc): Promise<void> {
  const InternetGatewayBlockMode = chance.pick(["block-bidirectional", "block-ingress"] as const);
  await client.send(new ModifyVpcBlockPublicAccessOptionsCommand({ InternetGatewayBlockMode }));
  if (chance.percent(50)) return;
  const InternetGatewayExclusionMode = chance.pick(["allow-bidirectional", "allow-egress"] as const);
  const excluded = chance.percent(50) ? { VpcId: id } : { SubnetId: chance.pick(subnets).id };
  await client.send(
    new CreateVpcBlockPublicAccessExclusionCommand({ InternetGatewayExclusionMode, ...excluded }),
  );
}
