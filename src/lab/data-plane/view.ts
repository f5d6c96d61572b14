import { index, type Network } from "../../net/network.ts";
import { isLabAddress } from "../connect-proxy.ts";
import { snapshotOf } from "../snapshot.ts";
import type { World } from "../world.ts";

/** The tables of one moment, made ready for questions. */
export interface View {
  network: Network;
  /** Availability Zone by subnet. */
  zones: ReadonlyMap<string, string>;
}

export function viewOf(world: World): View {
  const snapshot = snapshotOf(world);
  return {
    network: index(snapshot),
    zones: new Map(snapshot.subnets.map((subnet) => [subnet.id, subnet.zone])),
  };
}

/** Whether an address is one of the lab's public ones that is at nobody's now: nothing answers there. */
export function isVacant({ network }: Pick<View, "network">, address: string): boolean {
  return isLabAddress(address) && !network.publicAddresses.has(address);
}
