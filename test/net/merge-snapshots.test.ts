import { expect, it } from "vitest";
import { mergeSnapshots } from "../../src/net/merge-snapshots.ts";
import { reach } from "../../src/net/reach.ts";
import type { Snapshot } from "../../src/net/types.ts";
import { ping12, sample } from "./sample.ts";

/** What the account of VPC n sees: its own things, and the peering. */
function half(n: number): Snapshot {
  const whole = sample();
  const mine = <Row extends { id: string }>(rows: Row[]) => rows.filter(({ id }) => id.endsWith(`-${n}`));
  return {
    vpcs: mine(whole.vpcs),
    subnets: mine(whole.subnets),
    routeTables: mine(whole.routeTables),
    internetGateways: mine(whole.internetGateways),
    peerings: whole.peerings,
    securityGroups: mine(whole.securityGroups),
    networkAcls: mine(whole.networkAcls),
    interfaces: mine(whole.interfaces),
    instances: mine(whole.instances),
    prefixLists: [],
  };
}

it("two accounts' halves are the whole, with the peering once", () => {
  expect(mergeSnapshots([half(1), half(2)])).toEqual(sample());
  expect(reach(mergeSnapshots([half(1), half(2)]), ping12).reachable).toBe(true);
});

it("the later snapshot of the same thing counts", () => {
  const later = half(2);
  for (const peering of later.peerings) peering.status = "deleted";
  expect(mergeSnapshots([half(1), later]).peerings.map(({ status }) => status)).toEqual(["deleted"]);
});
