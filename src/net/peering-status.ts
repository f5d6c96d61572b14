import type { Peering } from "./types.ts";

/** Past use: it never becomes active again. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle */
export function isDead({ status }: Peering): boolean {
  return ["failed", "rejected", "expired", "deleting", "deleted"].includes(status);
}

/** For sorting: the active one first, then those that may become active, dead ones last. */
export function compareLife(a: Peering, b: Peering): number {
  return rank(a) - rank(b);
}

const rank = (peering: Peering) => (peering.status === "active" ? 0 : isDead(peering) ? 2 : 1);
