import {
  ModifyVpcPeeringConnectionOptions$,
  type ModifyVpcPeeringConnectionOptionsRequest,
  type PeeringConnectionOptionsRequest,
  type VpcPeeringConnectionVpcInfo,
} from "@aws-sdk/client-ec2";
import { type Actions, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { stateOf } from "./peering-states.ts";

export const noPeeringOptions = {
  AllowDnsResolutionFromRemoteVpc: false,
  AllowEgressFromLocalClassicLinkToRemoteVpc: false,
  AllowEgressFromLocalVpcToRemoteClassicLink: false,
} as const;

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html */
export const peeringOptionsActions: Actions = {
  ModifyVpcPeeringConnectionOptions: changes(
    ModifyVpcPeeringConnectionOptions$,
    (input: ModifyVpcPeeringConnectionOptionsRequest, call) => {
      const peering = find(call, "peering", input.VpcPeeringConnectionId);
      if (stateOf(peering) !== "active") {
        throw new Ec2Error(
          "OperationNotPermitted",
          `Peering ${input.VpcPeeringConnectionId} is not active. Peering options can be added only to active peerings.`,
        );
      }
      const check = (
        side: VpcPeeringConnectionVpcInfo | undefined,
        options: PeeringConnectionOptionsRequest | undefined,
        name: "accepter" | "requester",
      ) => {
        if (!options) return;
        if (side?.OwnerId !== call.account || side.Region !== call.region) {
          throw new Ec2Error(
            "OperationNotPermitted",
            `User ${call.account} cannot modify ${name} options for peering ${input.VpcPeeringConnectionId} in region ${call.region}`,
          );
        }
        if (
          options.AllowEgressFromLocalClassicLinkToRemoteVpc ||
          options.AllowEgressFromLocalVpcToRemoteClassicLink
        ) {
          throw new Ec2Error("UnsupportedOperation", "EC2-Classic has been retired.");
        }
      };
      const { RequesterVpcInfo, AccepterVpcInfo } = peering;
      check(RequesterVpcInfo, input.RequesterPeeringConnectionOptions, "requester");
      check(AccepterVpcInfo, input.AccepterPeeringConnectionOptions, "accepter");
      if (!input.RequesterPeeringConnectionOptions && !input.AccepterPeeringConnectionOptions) {
        throw new Ec2Error(
          "MissingParameter",
          "The request must contain at least one side's peering options",
        );
      }
      const merged = (
        side: VpcPeeringConnectionVpcInfo | undefined,
        options: PeeringConnectionOptionsRequest | undefined,
      ) => (options ? { ...side, PeeringOptions: { ...side?.PeeringOptions, ...options } } : side);
      peering.RequesterVpcInfo = merged(RequesterVpcInfo, input.RequesterPeeringConnectionOptions);
      peering.AccepterVpcInfo = merged(AccepterVpcInfo, input.AccepterPeeringConnectionOptions);
      return {
        RequesterPeeringConnectionOptions:
          input.RequesterPeeringConnectionOptions && peering.RequesterVpcInfo?.PeeringOptions,
        AccepterPeeringConnectionOptions:
          input.AccepterPeeringConnectionOptions && peering.AccepterVpcInfo?.PeeringOptions,
      };
    },
  ),
};
