import {
  type Address,
  AssociateAddress$,
  type AssociateAddressRequest,
  DisassociateAddress$,
  type DisassociateAddressRequest,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { findAddress } from "./addresses.ts";
import { clearAssociation, interfacesOf } from "./network-interface-rows.ts";
import { freePublicAddresses, setAssociation, setAutoAddress } from "./public-addresses.ts";

/** The interface that the address goes to: named itself, or an instance's only one. */
function targetOf(call: Call, { InstanceId, NetworkInterfaceId }: AssociateAddressRequest): NetworkInterface {
  if (NetworkInterfaceId !== undefined) {
    const eni = find(call, "networkInterface", NetworkInterfaceId);
    refuseWhileCreated(call, eni);
    return eni;
  }
  if (InstanceId === undefined) {
    throw new Ec2Error("MissingParameter", "Either instance ID or network interface id must be specified");
  }
  const { instance } = find(call, "instance", InstanceId);
  const state = instance.State?.Name ?? "";
  if (!["running", "stopped", "stopping"].includes(state)) {
    throw new Ec2Error(
      "InvalidInstanceID",
      `The ${state} instance '${InstanceId}' is not in a valid state for this operation.`,
    );
  }
  const [primary, ...more] = interfacesOf(call.tables, InstanceId);
  if (primary && more.length === 0) return primary;
  throw new Ec2Error(
    "InvalidInstanceID",
    `There are multiple interfaces attached to instance '${InstanceId}'. Please specify an interface ID for the operation instead.`,
  );
}

/** In the first moments of a launch the address is refused even for the interface; after that it need not run yet. */
function refuseWhileCreated({ world, tables }: Call, eni: NetworkInterface): void {
  const instance = tables.instances.get(eni.Attachment?.InstanceId ?? "")?.instance;
  const created = (instance?.LaunchTime?.getTime() ?? 0) + (world.profile.lasts["instance:creation"] ?? 0);
  if (instance?.State?.Name !== "pending" || world.now >= created) return;
  throw new Ec2Error(
    "IncorrectInstanceState",
    `The pending-instance-creation instance to which '${eni.NetworkInterfaceId}' is attached is not in a valid state for this operation`,
  );
}

function refuseWithoutGateway({ tables }: Call, vpcId: string): void {
  const gateways = [...tables.internetGateways.values()];
  if (gateways.some((gateway) => gateway.Attachments?.some((each) => each.VpcId === vpcId))) return;
  throw new Ec2Error("Gateway.NotAttached", `Network ${vpcId} is not attached to any internet gateway`);
}

/** The Elastic IP that a private address has already, if any. */
const heldBy = ({ tables }: Call, eni: NetworkInterface, privateAddress: string): Address | undefined =>
  [...tables.addresses.values()].find(
    (each) => each.NetworkInterfaceId === eni.NetworkInterfaceId && each.PrivateIpAddress === privateAddress,
  );

/**
 * Takes an Elastic IP off. A running instance that was launched with a public address gets a new one then.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#concepts-public-addresses
 */
function dissociate({ world, tables }: Call, address: Address): void {
  const eni = tables.networkInterfaces.get(address.NetworkInterfaceId ?? "");
  const privateAddress = address.PrivateIpAddress!;
  const record = tables.instances.get(eni?.Attachment?.InstanceId ?? "");
  const isPrimary = eni?.Attachment?.DeviceIndex === 0 && eni.PrivateIpAddress === privateAddress;
  const isUp = ["pending", "running"].includes(record?.instance.State?.Name ?? "");
  const [next] = freePublicAddresses(world, record?.autoPublicIp && isPrimary && isUp ? 1 : 0);
  clearAssociation(address);
  if (!eni) return;
  setAssociation(eni, privateAddress, undefined);
  if (next !== undefined) setAutoAddress(eni, next);
}

/**
 * An address that is taken moves, and one that is in its way goes, unless AllowReassociation is false.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
 */
export const addressAssociationActions: Actions = {
  AssociateAddress: changes(AssociateAddress$, (input: AssociateAddressRequest, call) => {
    const address = findAddress(call, input);
    const eni = targetOf(call, input);
    const privateAddress = input.PrivateIpAddress ?? eni.PrivateIpAddress!;
    if (!eni.PrivateIpAddresses?.some((each) => each.PrivateIpAddress === privateAddress)) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `Private IP address ${privateAddress} is not assigned to interface ${eni.NetworkInterfaceId}`,
      );
    }
    refuseWithoutGateway(call, eni.VpcId!);
    const held = heldBy(call, eni, privateAddress);
    // The same association again is no change.
    if (held === address) return { AssociationId: address.AssociationId };
    const inTheWay = address.AssociationId === undefined ? held : address;
    if (inTheWay && input.AllowReassociation === false) {
      const resource = inTheWay === address ? address.AllocationId : eni.NetworkInterfaceId;
      throw new Ec2Error(
        "Resource.AlreadyAssociated",
        `resource ${resource} is already associated with associate-id ${inTheWay.AssociationId}`,
      );
    }
    if (address.AssociationId !== undefined) dissociate(call, address);
    if (held) clearAssociation(held);
    const AssociationId = call.world.ids.make("eipassoc");
    Object.assign(address, {
      AssociationId,
      NetworkInterfaceId: eni.NetworkInterfaceId,
      NetworkInterfaceOwnerId: eni.OwnerId,
      PrivateIpAddress: privateAddress,
    });
    // Whatever public address was there goes back to Amazon's pool.
    setAssociation(eni, privateAddress, {
      AllocationId: address.AllocationId,
      AssociationId,
      IpOwnerId: call.account,
      PublicIp: address.PublicIp,
    });
    return { AssociationId };
  }),

  DisassociateAddress: changes(DisassociateAddress$, (input: DisassociateAddressRequest, call) => {
    const { AssociationId, PublicIp } = input;
    if (AssociationId === undefined && PublicIp === undefined) {
      throw new Ec2Error("MissingParameter", "Either public IP or association id must be specified");
    }
    const address =
      AssociationId === undefined
        ? findAddress(call, { PublicIp })
        : [...call.tables.addresses.values()].find((each) => each.AssociationId === AssociationId);
    if (!address?.AssociationId) {
      throw new Ec2Error(
        "InvalidAssociationID.NotFound",
        `The association ID '${AssociationId ?? PublicIp}' does not exist`,
      );
    }
    dissociate(call, address);
    return {};
  }),
};
