import { expect, test } from "vitest";
import { nextCommand } from "../../src/commands/next.ts";
import { steps } from "../../src/steps/index.ts";
import type { StepName } from "../../src/steps/step.ts";
import { wantedKeys } from "../../src/steps/wanted-keys.ts";
import { defaultTopology, topologyFrom } from "../../src/topology.ts";
import { bench } from "../support/stack.ts";

const record = { id: "x", type: "x", step: "x", madeAt: "2026-01-02T00:00:00Z", attributes: {} };

/** A state in which these steps are done, but for the keys in `without`. */
function stateOf(done: readonly StepName[], without: readonly string[] = []) {
  const topology = defaultTopology();
  const keys = done.flatMap((name) => wantedKeys(topology)[name]).filter((key) => !without.includes(key));
  return { topology, resources: Object.fromEntries(keys.map((key) => [key, record])) };
}

const all = steps.map(({ name }) => name);

test.each<[StepName[], string[], string]>([
  [[], [], "peerctl create-vpcs"],
  [["create-vpcs"], [], "peerctl peer"],
  [["create-vpcs", "peer"], ["acceptance/vpc-1~vpc-2"], "peerctl peer --accept"],
  [["create-vpcs", "peer", "launch"], [], "peerctl route"],
  [["create-vpcs", "peer", "route"], ["route/vpc-2~vpc-1"], "peerctl route"],
  [["create-vpcs", "peer", "route", "launch", "open-icmp"], [], "peerctl eip"],
  [all, ["subnet/vpc-2"], "peerctl create-vpcs"],
  [all, [], "peerctl test-ping, and in the end peerctl down"],
])("after %j without %j: %s", (done, without, next) => {
  expect(nextCommand(stateOf(done, without))).toBe(next);
});

test("what is wanted is what the steps record", async () => {
  const flags = { cidr: ["a=10.1.0.0/16", "b=10.2.0.0/16", "c=10.3.0.0/16"], peering: ["a~b", "c~a"] };
  const stack = await bench();
  await stack.up({ flags });
  const { resources } = await stack.state();
  const wanted = wantedKeys(topologyFrom({ cidrs: flags.cidr, peerings: flags.peering }));
  expect(Object.values(wanted).flat().sort()).toEqual(Object.keys(resources).sort());
  for (const [key, { step }] of Object.entries(resources)) expect(wanted[step as StepName]).toContain(key);
});

test("a step that is run again names what is not done, not what comes after it", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs", "peer", "route", "launch"]);
  expect((await stack.make(["route"])).said.at(-1)).toBe("next: peerctl --lab eip");
  await stack.up();
  expect((await stack.make(["route"])).said.at(-1)).toBe(
    "next: peerctl --lab test-ping, and in the end peerctl --lab down",
  );
});
