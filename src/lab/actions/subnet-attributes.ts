import { ModifySubnetAttribute$, type ModifySubnetAttributeRequest, type Subnet } from "@aws-sdk/client-ec2";
import { type Actions, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { invalidValue, refuseUnmodelled } from "./parameters.ts";

const unmodelled = [
  "AssignIpv6AddressOnCreation",
  "CustomerOwnedIpv4Pool",
  "EnableDns64",
  "EnableLniAtDeviceIndex",
  "DisableLniAtDeviceIndex",
  "MapCustomerOwnedIpOnLaunch",
];

const dnsOptions = (subnet: Subnet) => {
  subnet.PrivateDnsNameOptionsOnLaunch ??= {};
  return subnet.PrivateDnsNameOptionsOnLaunch;
};

/** What each attribute does to the subnet. */
const setters: {
  [Name in keyof ModifySubnetAttributeRequest]?: (
    subnet: Subnet,
    value: NonNullable<ModifySubnetAttributeRequest[Name]>,
  ) => void;
} = {
  MapPublicIpOnLaunch: (subnet, { Value }) => {
    subnet.MapPublicIpOnLaunch = Value;
  },
  EnableResourceNameDnsARecordOnLaunch: (subnet, { Value }) => {
    dnsOptions(subnet).EnableResourceNameDnsARecord = Value;
  },
  EnableResourceNameDnsAAAARecordOnLaunch: (subnet, { Value }) => {
    dnsOptions(subnet).EnableResourceNameDnsAAAARecord = Value;
  },
  PrivateDnsHostnameTypeOnLaunch: (subnet, type) => {
    if (type !== "ip-name" && type !== "resource-name") {
      throw invalidValue(type, "privateDnsHostnameTypeOnLaunch", "Expecting 'ip-name' or 'resource-name'.");
    }
    dnsOptions(subnet).HostnameType = type;
  },
};

export const subnetAttributeActions: Actions = {
  ModifySubnetAttribute: changes(ModifySubnetAttribute$, (input: ModifySubnetAttributeRequest, call) => {
    const subnet = find(call, "subnet", input.SubnetId);
    refuseUnmodelled(input, unmodelled);
    const { SubnetId: _, ...given } = input;
    const [attribute, ...others] = Object.entries(given).filter(([, value]) => value !== undefined);
    if (!attribute) throw new Ec2Error("MissingParameter", "The request must contain an attribute to modify");
    if (others.length > 0) {
      throw new Ec2Error("InvalidParameterCombination", "Only one attribute can be modified at a time");
    }
    const [name, value] = attribute;
    // Without one: what the lab does not model, switched off as it always is.
    const set = setters[name as keyof typeof setters] as
      | ((subnet: Subnet, value: unknown) => void)
      | undefined;
    set?.(subnet, value);
  }),
};
