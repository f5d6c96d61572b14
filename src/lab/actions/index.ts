import type { Actions } from "../action.ts";
import { accountActions } from "./account.ts";
import { addressActions } from "./addresses.ts";
import { imageActions } from "./images.ts";
import { instanceTypeActions } from "./instance-types.ts";
import { instanceActions } from "./instances.ts";
import { internetGatewayActions } from "./internet-gateways.ts";
import { networkAclActions } from "./network-acls.ts";
import { networkInterfaceActions } from "./network-interfaces.ts";
import { peeringActions } from "./peerings.ts";
import { publicAccessActions } from "./public-access.ts";
import { routeTableActions } from "./route-tables.ts";
import { securityGroupActions } from "./security-groups.ts";
import { subnetActions } from "./subnets.ts";
import { tagActions } from "./tags.ts";
import { volumeActions } from "./volumes.ts";
import { vpcNeighbourActions } from "./vpc-neighbours.ts";
import { vpcActions } from "./vpcs.ts";

/** All of EC2 that the lab has. */
export const ec2Actions: Actions = {
  ...accountActions,
  ...tagActions,
  ...vpcActions,
  ...vpcNeighbourActions,
  ...subnetActions,
  ...internetGatewayActions,
  ...routeTableActions,
  ...peeringActions,
  ...securityGroupActions,
  ...networkAclActions,
  ...networkInterfaceActions,
  ...imageActions,
  ...instanceTypeActions,
  ...instanceActions,
  ...volumeActions,
  ...addressActions,
  ...publicAccessActions,
};
