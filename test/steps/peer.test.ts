import { expect, test } from "vitest";
import { makePeerings } from "../../src/commands/peer.ts";
import { StepError, UserError } from "../../src/errors.ts";
import { aws } from "../../src/lab/profile.ts";
import { hurriedClock } from "../support/hurried-clock.ts";
import { type Bench, bench, changesIn, keysOf } from "../support/stack.ts";

const codes = async ({ ec2 }: Bench) => {
  const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections();
  return VpcPeeringConnections!.map(({ Status }) => Status?.Code);
};

test("--no-accept leaves it pending; --accept accepts; each once", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  const requested = await stack.command((run) => makePeerings(run, { accept: false }));
  expect(keysOf(requested, "made")).toEqual(["peering/vpc-1~vpc-2"]);
  expect(await codes(stack)).toEqual(["pending-acceptance"]);

  const accepted = await stack.command((run) => makePeerings(run, { accept: true }));
  expect(keysOf(accepted, "made")).toEqual(["acceptance/vpc-1~vpc-2"]);
  expect(changesIn(accepted)).toEqual(["AcceptVpcPeeringConnection"]);
  expect(await codes(stack)).toEqual(["active"]);

  const again = await stack.command((run) => makePeerings(run, { accept: true }));
  expect(changesIn(again)).toEqual([]);
  const both = await stack.command((run) => makePeerings(run, {}));
  expect(keysOf(both, "kept")).toEqual(["acceptance/vpc-1~vpc-2", "peering/vpc-1~vpc-2"]);
});

test("--decline rejects what is pending; peer asks anew; what is active cannot be declined", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  await stack.command((run) => makePeerings(run, { accept: false }));
  const declined = await stack.command((run) => makePeerings(run, { decline: true }));
  expect(declined).toMatchObject({ code: 0, said: [expect.stringMatching(/^declined 1 /)] });
  expect(await codes(stack)).toEqual(["rejected"]);

  const again = await stack.command((run) => makePeerings(run, { decline: true }));
  expect(again.error).toBeInstanceOf(UserError);
  expect(again.error).toMatchObject({ remedy: "run: peerctl peer" });

  const anew = await stack.command((run) => makePeerings(run, {}));
  expect(anew.error).toBeUndefined();
  expect((await codes(stack)).sort()).toEqual(["active", "rejected"]);

  const late = await stack.command((run) => makePeerings(run, { decline: true }));
  expect(late.error).toBeInstanceOf(StepError);
  expect(late.error?.message).toMatch(/^peer failed on peering\/vpc-1~vpc-2: InvalidStateTransition: /);
  expect((await stack.state()).resources["peering/vpc-1~vpc-2"]).toBeDefined();
});

test("one that somebody else has accepted is taken as it is", async () => {
  const stack = await bench();
  await stack.make(["create-vpcs"]);
  await stack.command((run) => makePeerings(run, { accept: false }));
  const { resources } = await stack.state();
  const VpcPeeringConnectionId = resources["peering/vpc-1~vpc-2"]!.id;
  await stack.ec2.acceptVpcPeeringConnection({ VpcPeeringConnectionId });
  const up = await stack.up();
  expect(up.error).toBeUndefined();
  expect(keysOf(up, "adopted")).toEqual(["acceptance/vpc-1~vpc-2"]);
  expect(changesIn(up)).not.toContain("AcceptVpcPeeringConnection");
});

test("one that was rejected on the other side is asked for anew", async () => {
  const stack = await bench({ clock: hurriedClock() });
  await stack.make(["create-vpcs"]);
  await stack.command((run) => makePeerings(run, { accept: false }));
  const { resources } = await stack.state();
  const id = resources["peering/vpc-1~vpc-2"]!.id;
  await stack.ec2.rejectVpcPeeringConnection({ VpcPeeringConnectionId: id });

  const accept = await stack.command((run) => makePeerings(run, { accept: true }));
  expect(accept.error?.message).toContain(`the peering connection ${id} is rejected`);
  expect(changesIn(accept)).toEqual([]);
  const anew = await stack.make(["peer"]);
  expect(anew.error).toBeUndefined();
  expect(keysOf(anew, "made")).toEqual(["acceptance/vpc-1~vpc-2", "peering/vpc-1~vpc-2"]);
});

test("one that was requested a moment ago is declined as soon as it can be", async () => {
  const stack = await bench({ clock: hurriedClock(), profile: aws });
  await stack.make(["create-vpcs"]);
  await stack.command((run) => makePeerings(run, { accept: false }));
  const declined = await stack.command((run) => makePeerings(run, { decline: true }));
  expect(declined.error).toBeUndefined();
  expect(await codes(stack)).toEqual(["rejected"]);
});
