import type { Arrival } from "../transition.ts";

/** A VPC goes from `pending` to `available`; one deleted meanwhile stays gone. */
export const vpcArrival: Arrival = (world, { account, region, id }) => {
  const vpc = world.tables.get(`${account}/${region}`)?.vpcs.get(id);
  if (vpc) vpc.State = "available";
};

/** A subnet goes from `pending` to `available`; one deleted meanwhile stays gone. */
export const subnetArrival: Arrival = (world, { account, region, id }) => {
  const subnet = world.tables.get(`${account}/${region}`)?.subnets.get(id);
  if (subnet) subnet.State = "available";
};
