import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Snapshot } from "../../../src/net/types.ts";
import type { Chance } from "../chance.ts";

/** A network as it is now, and who may ask about its VPCs. */
export interface Scene {
  snapshot: Snapshot;
  chance: Chance;
  /** The client of the VPC's account and Region. */
  at(vpc: string): EC2Client;
  /** All blocks that there are, and the whole internet. */
  blocks: string[];
}

/** Makes one call or a few that belong together; rejects with what EC2 refuses. */
export type Change = (scene: Scene) => Promise<void>;

export const byVpc = (id: string) => ({ Filters: [{ Name: "vpc-id", Values: [id] }] });
