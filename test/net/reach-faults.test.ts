import fc from "fast-check";
import { expect, it } from "vitest";
import { index } from "../../src/net/network.ts";
import { reach } from "../../src/net/reach.ts";
import type { Snapshot } from "../../src/net/types.ts";
import { entry, find, ping12, sample, unroute } from "./sample.ts";

/** Faults that have nothing to do with each other, each with the one blocker that it makes. */
const faults: Record<string, (snapshot: Snapshot) => void> = {
  "forward instance-not-running i-1": (s) => {
    find(s.instances, "i-1").state = "stopping";
  },
  "forward instance-not-running i-2": (s) => {
    find(s.instances, "i-2").state = "pending";
  },
  "forward security-group-egress sg-1": (s) => {
    find(s.securityGroups, "sg-1").egress = [];
  },
  "forward security-group-ingress sg-2": (s) => {
    find(s.securityGroups, "sg-2").ingress = [];
  },
  "forward network-acl-egress acl-1": (s) => {
    find(s.networkAcls, "acl-1").entries.push(entry(1, "egress", "deny"));
  },
  "forward network-acl-ingress acl-2": (s) => {
    find(s.networkAcls, "acl-2").entries.push(entry(1, "ingress", "deny"));
  },
  "return network-acl-egress acl-2": (s) => {
    find(s.networkAcls, "acl-2").entries.push(entry(1, "egress", "deny"));
  },
  "return network-acl-ingress acl-1": (s) => {
    find(s.networkAcls, "acl-1").entries.push(entry(1, "ingress", "deny"));
  },
  "forward no-route rtb-1": (s) => unroute(s, 1, "10.2.0.0/16"),
  "return no-route rtb-2": (s) => unroute(s, 2, "10.1.0.0/16"),
  "forward peering-not-active pcx-12": (s) => {
    find(s.peerings, "pcx-12").status = "pending-acceptance";
  },
};

it("finds every fault of any choice of them, and nothing else", () => {
  fc.assert(
    fc.property(fc.subarray(Object.keys(faults)), (chosen) => {
      const snapshot = sample();
      for (const name of chosen) faults[name]?.(snapshot);
      const { reachable, blockers } = reach(index(snapshot), ping12);
      const found = blockers.map(({ leg, code, id }) => `${leg} ${code} ${id}`);
      expect(found.sort()).toEqual([...chosen].sort());
      expect(reachable).toBe(chosen.length === 0);
    }),
    { seed: 20260101, numRuns: 300 },
  );
});
