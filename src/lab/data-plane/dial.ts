import { reach } from "../../net/reach.ts";
import { callerAddress, type Target } from "../connect-proxy.ts";
import type { World } from "../world.ts";
import { type Placed, placedInstance } from "./records.ts";
import type { View } from "./view.ts";

/** How a TCP SYN from the outside world ends. Silence is what a drop looks like: no answer at all. */
export type Answer = { kind: "open"; instance: Placed } | { kind: "refused" } | { kind: "silent" };

/** The one port that anything listens on. */
const sshPort = 22;

/** Sends a SYN from the caller's address to a public address of the lab, at `now`. */
export function dial(view: View, world: World, now: number, { host, port }: Target): Answer {
  const eni = view.network.publicAddresses.get(host);
  if (!eni?.instance) return { kind: "silent" };
  const { reachable } = reach(view.network, {
    from: { kind: "internet", address: callerAddress },
    to: { kind: "interface", id: eni.id, address: host },
    protocol: "tcp",
    port,
  });
  const instance = placedInstance(world, eni.instance.id);
  if (!reachable || !instance) return { kind: "silent" };
  const boot = instance.record.runningSince ?? Number.POSITIVE_INFINITY;
  const listens = port === sshPort && now >= boot + world.profile.sshdStart;
  return listens ? { kind: "open", instance } : { kind: "refused" };
}
