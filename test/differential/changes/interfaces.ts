import {
  AssociateAddressCommand,
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  DisassociateAddressCommand,
  ModifyNetworkInterfaceAttributeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { groupsFor } from "../instances.ts";
import type { Change, Scene } from "./scene.ts";

/** Network interfaces and instances: what they have, and whether they are there. */
export const interfaceChanges: Record<string, Change> = {
  "give an interface other groups": async ({ snapshot, chance, at }) => {
    const { id: NetworkInterfaceId, vpc } = chance.pick(snapshot.interfaces);
    const groups = snapshot.securityGroups.filter((each) => each.vpc === vpc).map(({ id }) => id);
    const Groups = groupsFor(chance, groups);
    await at(vpc).send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));
  },
  "turn a source/destination check": async ({ snapshot, chance, at }) => {
    const { id: NetworkInterfaceId, vpc, sourceDestCheck } = chance.pick(snapshot.interfaces);
    const SourceDestCheck = { Value: !sourceDestCheck };
    await at(vpc).send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck }));
  },
  "disassociate an address": async (scene) => {
    const { vpc, addresses } = await someAddresses(scene);
    const held = addresses.filter(({ AssociationId }) => AssociationId);
    if (held.length === 0) return;
    const { AssociationId } = scene.chance.pick(held);
    await scene.at(vpc).send(new DisassociateAddressCommand({ AssociationId }));
  },
  "associate an address with another interface": async (scene) => {
    const { vpc, addresses } = await someAddresses(scene);
    const near = scene.snapshot.interfaces.filter((each) => each.vpc === vpc);
    if (addresses.length === 0 || near.length === 0) return;
    const { AllocationId } = scene.chance.pick(addresses);
    const { id: NetworkInterfaceId, addresses: own } = scene.chance.pick(near);
    const PrivateIpAddress = scene.chance.pick(own).private;
    const input = { AllocationId, NetworkInterfaceId, PrivateIpAddress, AllowReassociation: true };
    await scene.at(vpc).send(new AssociateAddressCommand(input));
  },
  "stop or start an instance": async ({ snapshot, chance, at }) => {
    const { id, state } = chance.pick(snapshot.instances);
    const vpc = snapshot.interfaces.find((each) => each.instance === id)?.vpc;
    if (!vpc) return;
    const InstanceIds = [id];
    if (state === "running") await at(vpc).send(new StopInstancesCommand({ InstanceIds }));
    else await at(vpc).send(new StartInstancesCommand({ InstanceIds }));
  },
  "attach a new interface": async ({ snapshot, chance, at }) => {
    const { vpc, subnet, instance } = chance.pick(snapshot.interfaces);
    const { NetworkInterface } = await at(vpc).send(new CreateNetworkInterfaceCommand({ SubnetId: subnet }));
    const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
    const input = { NetworkInterfaceId, InstanceId: instance, DeviceIndex: 1 + chance.below(2) };
    await at(vpc).send(new AttachNetworkInterfaceCommand(input));
  },
  "detach an interface": async ({ snapshot, chance, at }) => {
    // The first of an instance stays.
    const further = snapshot.interfaces.filter(({ instance }, place) =>
      snapshot.interfaces.slice(0, place).some((first) => instance && first.instance === instance),
    );
    if (further.length === 0) return;
    const { id, vpc } = chance.pick(further);
    const { NetworkInterfaces } = await at(vpc).send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }),
    );
    const AttachmentId = NetworkInterfaces![0]!.Attachment?.AttachmentId;
    await at(vpc).send(new DetachNetworkInterfaceCommand({ AttachmentId, Force: true }));
  },
};

/** The Elastic IP addresses of the account and Region that some interface is in, and its VPC. */
async function someAddresses({ snapshot, chance, at }: Scene) {
  const { vpc } = chance.pick(snapshot.interfaces);
  const { Addresses } = await at(vpc).send(new DescribeAddressesCommand({}));
  return { vpc, addresses: Addresses ?? [] };
}
