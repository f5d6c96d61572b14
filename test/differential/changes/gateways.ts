import {
  AcceptVpcPeeringConnectionCommand,
  AttachInternetGatewayCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteVpcPeeringConnectionCommand,
  DescribeAddressesCommand,
  DetachInternetGatewayCommand,
  DisassociateAddressCommand,
} from "@aws-sdk/client-ec2";
import { refused } from "../clients.ts";
import type { Change } from "./scene.ts";

/** What leads out of a VPC. */
export const gatewayChanges: Record<string, Change> = {
  "detach an internet gateway": async ({ snapshot, chance, at }) => {
    const attached = snapshot.internetGateways.flatMap(({ id, vpc }) => (vpc ? [{ id, vpc }] : []));
    if (attached.length === 0) return;
    const { id: InternetGatewayId, vpc: VpcId } = chance.pick(attached);
    // As long as public addresses are in use, EC2 refuses.
    const { Addresses } = await at(VpcId).send(new DescribeAddressesCommand({}));
    for (const { AssociationId } of Addresses ?? []) {
      if (AssociationId) await refused(at(VpcId).send(new DisassociateAddressCommand({ AssociationId })));
    }
    await at(VpcId).send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  },
  "attach an internet gateway": async ({ snapshot, chance, at }) => {
    const idle = snapshot.internetGateways.filter(({ vpc }) => vpc === undefined);
    if (idle.length === 0) return;
    const VpcId = chance.pick(snapshot.vpcs).id;
    const InternetGatewayId = chance.pick(idle).id;
    await at(VpcId).send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  },
  "delete a peering, and maybe make it again": async ({ snapshot, chance, at }) => {
    const active = snapshot.peerings.filter(({ status }) => status === "active");
    if (active.length === 0) return;
    const { id, requester, accepter } = chance.pick(active);
    const [near, far] = [at(requester.vpc), at(accepter.vpc)];
    await near.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }));
    if (chance.percent(40)) return;
    const made = await near.send(
      new CreateVpcPeeringConnectionCommand({
        VpcId: requester.vpc,
        PeerVpcId: accepter.vpc,
        PeerOwnerId: accepter.account,
        PeerRegion: accepter.region,
      }),
    );
    const { VpcPeeringConnectionId } = made.VpcPeeringConnection!;
    await far.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  },
};
