import type { PeeringSide } from "../net/types.ts";
import { awsLine, type Surroundings } from "../report/remedy/line.ts";
import { interfaceAt } from "../report/remedy/places.ts";

/** Something that does not stop this packet and still surprises people. */
export interface Notice {
  id: string;
  text: string;
  command: string;
  page: string;
}

/**
 * Across a peering, an instance's public DNS name stands for its public address, and traffic to it for the long way round
 * over the internet, until the peering's options say otherwise. Told where the destination has such a name.
 */
export function noticesOf(around: Surroundings): Notice[] {
  const { verdict, snapshot } = around;
  const to = interfaceAt(snapshot.interfaces, verdict.probe.to);
  const crossed = new Set(
    verdict.hops.filter(({ kind, pass }) => kind === "peering" && pass).map(({ id }) => id),
  );
  if (!to?.addresses.some((each) => each.public)) return [];
  return snapshot.peerings
    .filter(({ id }) => crossed.has(id))
    .flatMap(({ id, requester, accepter }) => {
      const isTheirs = (side: PeeringSide) => side.vpc === to.vpc && side.dnsResolution === false;
      const side = isTheirs(requester) ? "requester" : isTheirs(accepter) ? "accepter" : undefined;
      if (!side) return [];
      const words = `modify-vpc-peering-connection-options --vpc-peering-connection-id ${id} --${side}-peering-connection-options AllowDnsResolutionFromRemoteVpc=true`;
      return {
        id,
        text: `The public DNS name of ${to.id} resolves to its public address from the peer: DNS resolution is off for ${to.vpc}.`,
        command: awsLine(around, words),
        page: "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html",
      };
    });
}
