import {
  AcceptVpcPeeringConnectionCommand,
  CreateVpcPeeringConnectionCommand,
  DeleteVpcPeeringConnectionCommand,
  RejectVpcPeeringConnectionCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import { refused } from "./clients.ts";
import type { Vpc } from "./vpcs.ts";

export interface Peered {
  id: string;
  ends: readonly [Vpc, Vpc];
}

/** Most pairs, also over Regions and accounts. Some wait for ever; of VPCs that overlap they fail. */
export async function peer(chance: Chance, vpcs: readonly Vpc[]): Promise<Peered[]> {
  const found: Peered[] = [];
  for (const [place, a] of vpcs.entries()) {
    for (const b of vpcs.slice(place + 1)) {
      if (!chance.percent(75)) continue;
      const request = { VpcId: a.id, PeerVpcId: b.id, PeerOwnerId: b.account, PeerRegion: b.region };
      const { VpcPeeringConnection } = await a.client.send(new CreateVpcPeeringConnectionCommand(request));
      const id = VpcPeeringConnection!.VpcPeeringConnectionId!;
      const accept = new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id });
      if (!chance.percent(7)) await refused(b.client.send(accept));
      found.push({ id, ends: [a, b] });
    }
  }
  return found;
}

/** Deletes or rejects some, so that routes to them lead nowhere. */
export async function part(chance: Chance, peerings: readonly Peered[]): Promise<void> {
  for (const { id, ends } of peerings) {
    if (chance.percent(30)) {
      // Only one that waits can be rejected; all others refuse.
      await refused(
        ends[1].client.send(new RejectVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })),
      );
    }
    if (!chance.percent(6)) continue;
    const { client } = chance.pick(ends);
    await refused(client.send(new DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id })));
  }
}
