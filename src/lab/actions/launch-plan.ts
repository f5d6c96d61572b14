import type {
  GroupIdentifier,
  InstanceNetworkInterfaceSpecification,
  NetworkInterface,
  RunInstancesRequest,
  Subnet,
} from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import type { LaunchRequest } from "./launch-request.ts";
import { refuseIfAttached } from "./network-interface-attachments.ts";
import { groupsFor } from "./network-interface-rows.ts";
import { addressWish } from "./network-interfaces.ts";
import { type AddressWish, choosePrivateAddresses } from "./private-addresses.ts";
import { freePublicAddresses } from "./public-addresses.ts";
import { groupByName } from "./security-group-lookup.ts";

/** An interface that is to be made, or one that is there already. */
export type PlannedInterface = { specification: InstanceNetworkInterfaceSpecification } & (
  | { kind: "new"; subnet: Subnet; groups: GroupIdentifier[]; addresses: string[]; publicIp?: string }
  | { kind: "existing"; eni: NetworkInterface }
);

/** A new interface that each instance is to have: its subnet, and which addresses it wants there. */
interface WantedInterface {
  specification: InstanceNetworkInterfaceSpecification;
  subnet: Subnet;
  groups: GroupIdentifier[];
  wish: AddressWish;
}

/** The interfaces of each instance, as many instances as fit within MinCount and MaxCount. Changes nothing. */
export function planLaunch(
  call: Call,
  input: RunInstancesRequest,
  request: LaunchRequest,
): PlannedInterface[][] {
  const { interfaces, subnet: primary, type } = request;
  const most = type.info.NetworkInfo?.MaximumNetworkInterfaces ?? 1;
  if (interfaces.length > most) {
    throw new Ec2Error(
      "AttachmentLimitExceeded",
      `Interface count ${interfaces.length} exceeds the limit for ${type.info.InstanceType}`,
    );
  }
  const existing = interfaces.flatMap((specification): PlannedInterface[] => {
    if (!specification.NetworkInterfaceId) return [];
    const eni = find(call, "networkInterface", specification.NetworkInterfaceId);
    refuseIfAttached(eni);
    refuseOtherZone(eni.AvailabilityZone, primary.AvailabilityZone);
    return [{ kind: "existing", specification, eni }];
  });
  const named = (input.SecurityGroups ?? []).map((name) => groupByName(call, name).GroupId!);
  const wanted = interfaces.flatMap((specification): WantedInterface[] => {
    if (specification.NetworkInterfaceId) return [];
    const subnet = specification.SubnetId ? find(call, "subnet", specification.SubnetId) : primary;
    refuseOtherZone(subnet.AvailabilityZone, primary.AvailabilityZone);
    const groups = groupsFor(call, subnet, [...(specification.Groups ?? []), ...named]);
    return [{ specification, subnet, groups, wish: addressWish(specification) }];
  });
  if ((input.MaxCount ?? 1) > 1 && wanted.some(({ wish }) => wish.asked?.length)) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      "A private address can be specified only when launching one instance.",
    );
  }
  const plans = Array.from({ length: countThatFits(input, wanted) }, () => [...existing]);
  for (const [subnet, parts] of bySubnet(wanted)) {
    const wishes = plans.flatMap(() => parts.map(({ wish }) => wish));
    const chosen = choosePrivateAddresses(call.tables, subnet, wishes);
    for (const [place, planned] of plans.entries()) {
      for (const [index, { specification, groups }] of parts.entries()) {
        const addresses = chosen[place * parts.length + index]!;
        planned.push({ kind: "new", specification, subnet, groups, addresses });
      }
    }
  }
  planPublicAddresses(call, plans);
  const index = ({ specification }: PlannedInterface) => specification.DeviceIndex ?? 0;
  return plans.map((planned) => planned.sort((a, b) => index(a) - index(b)));
}

/** A subnet's own setting holds only for an instance with one interface. */
function planPublicAddresses({ world }: Call, plans: readonly PlannedInterface[][]): void {
  const wanting = plans.flatMap((planned) =>
    planned.flatMap((each) => {
      if (each.kind === "existing") return [];
      const byDefault = each.subnet.MapPublicIpOnLaunch === true && planned.length === 1;
      return (each.specification.AssociatePublicIpAddress ?? byDefault) ? [each] : [];
    }),
  );
  const addresses = freePublicAddresses(world, wanting.length);
  for (const [place, each] of wanting.entries()) each.publicIp = addresses[place];
}

function bySubnet(wanted: readonly WantedInterface[]): Map<Subnet, WantedInterface[]> {
  const groups = new Map<Subnet, WantedInterface[]>();
  for (const each of wanted) groups.set(each.subnet, [...(groups.get(each.subnet) ?? []), each]);
  return groups;
}

/** As many as there are free addresses for, but MinCount at least: choosing addresses then says what is missing. */
function countThatFits(
  { MinCount = 1, MaxCount = 1 }: RunInstancesRequest,
  wanted: readonly WantedInterface[],
): number {
  const room = [...bySubnet(wanted)].map(([subnet, parts]) => {
    const each = parts.reduce((sum, { wish }) => sum + (wish.asked?.length ?? 0) + wish.count, 0);
    return Math.floor((subnet.AvailableIpAddressCount ?? 0) / each);
  });
  return Math.max(MinCount, Math.min(MaxCount, ...room));
}

function refuseOtherZone(zone: string | undefined, primary: string | undefined): void {
  if (zone === primary) return;
  throw new Ec2Error(
    "InvalidParameterCombination",
    "All network interfaces of an instance must be in the same Availability Zone.",
  );
}
