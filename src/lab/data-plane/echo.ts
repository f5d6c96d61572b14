import { address, cidr, contains } from "../../net/cidr.ts";
import type { Eni } from "../../net/network.ts";
import { reach } from "../../net/reach.ts";
import type { Verdict } from "../../net/types.ts";
import type { Echo, Link } from "./guest/guest.ts";
import { type Distance, roundTrip } from "./round-trip.ts";
import { isVacant, type View } from "./view.ts";

/**
 * Amazon Linux 2023 sets net.ipv4.ip_default_ttl to 127 (/usr/lib/sysctl.d/00-defaults.conf), and neither the VPC's router
 * nor a peering counts as a hop; IPv6 keeps Linux's 64. Hosts of the internet start from 64 and are some hops away.
 */
const ttl = { 4: 127, 6: 64, internet: 52 } as const;

interface Question {
  view: View;
  /** The guest's interfaces with their ids, the primary one first. */
  links: readonly { id: string; link: Link }[];
  destination: string;
  /** The address that the program chose to send from, if any. */
  source?: string;
  seq: number;
  random: (below: number) => number;
}

/** What becomes of an echo request and its reply, by the tables of this moment. */
export function echo({ view, links, destination, source, seq, random }: Question): Echo {
  const to = address(destination);
  const own = links.some(({ link }) => link.addresses.includes(to.text) || link.ipv6.includes(to.text));
  if (own || to.text === "::1" || to.text.startsWith("127.")) {
    return { kind: "reply", rtt: roundTrip({ kind: "loopback" }, false, random), ttl: ttl[to.family] };
  }
  const near = links.find(({ link }) => contains(subnetOf(link), to));
  const bySource = links.find(({ link }) => source !== undefined && link.addresses.includes(source));
  const out = bySource ?? near ?? links[0];
  const eni = out && view.network.interfaces.get(out.id);
  if (!eni || isVacant(view, to.text)) return { kind: "lost" };
  if (
    near &&
    near.link.router !== to.text &&
    near.link.resolver !== to.text &&
    !eni.vpc.interfaces.has(to.text)
  ) {
    return { kind: "host-unreachable" };
  }
  const verdict = reach(view.network, {
    from: { kind: "interface", id: eni.id, ...(bySource && { address: source }) },
    to: { kind: "internet", address: to.text },
    protocol: "icmp",
  });
  if (!verdict.reachable) return { kind: "lost" };
  const distance = distanceOf(view, eni, verdict);
  return {
    kind: "reply",
    rtt: roundTrip(distance, seq === 1, random),
    ttl: distance.kind === "internet" ? ttl.internet : ttl[to.family],
  };
}

function subnetOf(link: Link) {
  return cidr(`${link.router}/${link.prefixLength}`);
}

function distanceOf({ network, zones }: View, from: Eni, { hops }: Verdict): Distance {
  const end = hops.filter(({ leg, kind }) => leg === "forward" && kind === "interface").at(-1);
  const to = end && network.interfaces.get(end.id);
  if (!to || to === from) return { kind: "internet" };
  if (to.vpc.region !== from.vpc.region)
    return { kind: "regions", between: [from.vpc.region, to.vpc.region] };
  return { kind: zones.get(to.subnet.id) === zones.get(from.subnet.id) ? "zone" : "region" };
}
