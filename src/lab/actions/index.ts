import type { Actions } from "../action.ts";
import { networkAclActions } from "./network-acls.ts";
import { peeringActions } from "./peerings.ts";
import { securityGroupActions } from "./security-groups.ts";
import { vpcActions } from "./vpcs.ts";

/** All of EC2 that the lab has. */
export const ec2Actions: Actions = {
  ...vpcActions,
  ...peeringActions,
  ...securityGroupActions,
  ...networkAclActions,
};
