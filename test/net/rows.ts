import { expect } from "vitest";
import { reach } from "../../src/net/reach.ts";
import type { Probe, Snapshot } from "../../src/net/types.ts";
import { find, ping12, sample } from "./sample.ts";

export interface Row {
  name: string;
  change?: (snapshot: Snapshot) => void;
  probe?: Probe;
  /** "leg code id" of each blocker, in order; none means reachable. */
  blockers?: string[];
}

export function check({ change, probe = ping12, blockers = [] }: Row): void {
  const snapshot = sample();
  change?.(snapshot);
  const verdict = reach(snapshot, probe);
  expect(verdict.blockers.map(({ leg, code, id }) => `${leg} ${code} ${id}`)).toEqual(blockers);
  expect(verdict.reachable).toBe(blockers.length === 0);
  for (const hop of verdict.hops) expect(hop.pass).toBe(hop.code === undefined);
}

export const from = (id: string, address?: string) =>
  ({ kind: "interface", id, ...(address && { address }) }) as const;
export const internet = (address: string) => ({ kind: "internet", address }) as const;
export const tcpTo = (id: string, port: number): Probe => ({
  from: from("eni-1"),
  to: from(id),
  protocol: "tcp",
  port,
});
export const acl = (s: Snapshot, n: number) => find(s.networkAcls, `acl-${n}`);
export const group = (s: Snapshot, n: number) => find(s.securityGroups, `sg-${n}`);
export const table = (s: Snapshot, n: number) => find(s.routeTables, `rtb-${n}`);
export const eni = (s: Snapshot, n: number | string) => find(s.interfaces, `eni-${n}`);
export const peering = (s: Snapshot) => find(s.peerings, "pcx-12");
export const gateway = (s: Snapshot, n: number) => find(s.internetGateways, `igw-${n}`);
export const publicIp = (s: Snapshot, n: number | string, address: string | undefined) => {
  for (const own of eni(s, n).addresses) own.public = address;
};
