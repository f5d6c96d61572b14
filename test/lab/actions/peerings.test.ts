import type { EC2 } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aws } from "../../../src/lab/profile.ts";
import { outcomeOf } from "../start.ts";
import { awsForTest, network } from "./aws.ts";

const other = "210987654321";
const options = {
  AllowDnsResolutionFromRemoteVpc: false,
  AllowEgressFromLocalClassicLinkToRemoteVpc: false,
  AllowEgressFromLocalVpcToRemoteClassicLink: false,
};

const statusOf = async (ec2: EC2, id: string) => {
  const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections({
    VpcPeeringConnectionIds: [id],
  });
  return VpcPeeringConnections?.[0]?.Status?.Code;
};

/** Two VPCs, the second one elsewhere if so wished, and a request from the first to it. */
async function requested({
  accepter = ["123456789012", "us-east-1"] as [string, string],
  cidr = "10.2.0.0/16",
} = {}) {
  const lab = await awsForTest();
  const theirs = lab.at(...accepter);
  const [a, b] = [await network(lab.ec2, "10.1.0.0/16"), await network(theirs, cidr)];
  const [PeerOwnerId, PeerRegion] = accepter;
  const { VpcPeeringConnection } = await lab.ec2.createVpcPeeringConnection({
    VpcId: a.VpcId,
    PeerVpcId: b.VpcId,
    PeerOwnerId,
    PeerRegion,
  });
  const id = VpcPeeringConnection?.VpcPeeringConnectionId ?? "";
  return { ...lab, theirs, a, b, id, peering: VpcPeeringConnection };
}

const accept = (ec2: EC2, id: string) => ec2.acceptVpcPeeringConnection({ VpcPeeringConnectionId: id });
const reject = (ec2: EC2, id: string) => ec2.rejectVpcPeeringConnection({ VpcPeeringConnectionId: id });
const remove = (ec2: EC2, id: string) => ec2.deleteVpcPeeringConnection({ VpcPeeringConnectionId: id });

describe("a peering's life", () => {
  test("request, acceptance, active, deleted: what each answers", async () => {
    const { ec2, a, b, id, peering } = await requested();
    expect(peering).toEqual({
      VpcPeeringConnectionId: expect.stringMatching(/^pcx-0[0-9a-f]{16}$/),
      Status: { Code: "initiating-request", Message: "Initiating Request to 123456789012" },
      ExpirationTime: new Date(Date.UTC(2026, 0, 9, 3, 4, 5)),
      Tags: [],
      RequesterVpcInfo: {
        OwnerId: "123456789012",
        VpcId: a.VpcId,
        Region: "us-east-1",
        CidrBlock: "10.1.0.0/16",
        CidrBlockSet: [{ CidrBlock: "10.1.0.0/16" }],
        PeeringOptions: options,
      },
      AccepterVpcInfo: { OwnerId: "123456789012", VpcId: b.VpcId, Region: "us-east-1" },
    });
    expect(await statusOf(ec2, id)).toBe("pending-acceptance");
    const accepted = (await accept(ec2, id)).VpcPeeringConnection;
    expect(accepted?.Status).toEqual({ Code: "provisioning", Message: "Provisioning" });
    expect(accepted?.ExpirationTime).toBeUndefined();
    expect(accepted?.AccepterVpcInfo).toEqual({
      OwnerId: "123456789012",
      VpcId: b.VpcId,
      Region: "us-east-1",
      CidrBlock: "10.2.0.0/16",
      CidrBlockSet: [{ CidrBlock: "10.2.0.0/16" }],
      PeeringOptions: options,
    });
    expect(await statusOf(ec2, id)).toBe("active");
    expect((await remove(ec2, id)).Return).toBe(true);
    const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections({});
    expect(VpcPeeringConnections?.[0]?.Status?.Code).toBe("deleted");
    expect(VpcPeeringConnections?.[0]?.RequesterVpcInfo?.CidrBlock).toBeUndefined();
  });

  test("each state lasts its time with the aws profile", async () => {
    const { ec2, pass } = await awsForTest({
      profile: { ...aws, throttle: false, latency: 0, describeLag: 0 },
    });
    const [a, b] = [await network(ec2), await network(ec2, "10.2.0.0/16")];
    const asked = await ec2.createVpcPeeringConnection({ VpcId: a.VpcId, PeerVpcId: b.VpcId });
    const id = asked.VpcPeeringConnection?.VpcPeeringConnectionId ?? "";
    expect(await statusOf(ec2, id)).toBe("initiating-request");
    pass(1000);
    expect(await statusOf(ec2, id)).toBe("pending-acceptance");
    await accept(ec2, id);
    expect(await statusOf(ec2, id)).toBe("provisioning");
    pass(2000);
    expect(await statusOf(ec2, id)).toBe("active");
    await remove(ec2, id);
    expect(await statusOf(ec2, id)).toBe("deleting");
    pass(2000);
    expect(await statusOf(ec2, id)).toBe("deleted");
    pass(3 * 3_600_000);
    expect(await outcomeOf(statusOf(ec2, id))).toBe(
      `InvalidVpcPeeringConnectionID.NotFound: The vpcPeeringConnection ID '${id}' does not exist`,
    );
  });

  test("a request that nobody accepts expires after seven days; an accepted one does not", async () => {
    const one = await requested();
    one.pass(7 * 24 * 3_600_000 - 1);
    expect(await statusOf(one.ec2, one.id)).toBe("pending-acceptance");
    one.pass(1);
    expect(await statusOf(one.ec2, one.id)).toBe("expired");
    const two = await requested();
    await accept(two.ec2, two.id);
    two.pass(8 * 24 * 3_600_000);
    expect(await statusOf(two.ec2, two.id)).toBe("active");
  });

  test.each(["10.1.0.0/16", "10.1.128.0/20"])("overlapping blocks (%s) make it fail", async (cidr) => {
    const { ec2, id } = await requested({ cidr });
    const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections({});
    expect(VpcPeeringConnections?.[0]?.Status).toEqual({
      Code: "failed",
      Message: "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range",
    });
    expect(await outcomeOf(accept(ec2, id))).toMatch(
      /^InvalidStateTransition: .* from failed to provisioning$/,
    );
  });

  test("an overlap of secondary blocks counts too", async () => {
    const { ec2 } = await awsForTest();
    const [a, b] = [await network(ec2), await network(ec2, "10.2.0.0/16")];
    await ec2.associateVpcCidrBlock({ VpcId: a.VpcId, CidrBlock: "10.3.0.0/16" });
    await ec2.associateVpcCidrBlock({ VpcId: b.VpcId, CidrBlock: "10.3.4.0/24" });
    await ec2.createVpcPeeringConnection({ VpcId: a.VpcId, PeerVpcId: b.VpcId });
    const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections({});
    expect(VpcPeeringConnections?.map((each) => each.Status?.Code)).toEqual(["failed"]);
  });

  test("an unknown VPC is an error in the own account, and a failed request elsewhere", async () => {
    const { ec2, at } = await awsForTest();
    const { VpcId } = await network(ec2);
    const PeerVpcId = "vpc-0123456789abcdef0";
    expect(await outcomeOf(ec2.createVpcPeeringConnection({ VpcId, PeerVpcId }))).toBe(
      `InvalidVpcID.NotFound: The vpc ID '${PeerVpcId}' does not exist`,
    );
    const asked = await ec2.createVpcPeeringConnection({ VpcId, PeerVpcId, PeerOwnerId: other });
    expect(await statusOf(ec2, asked.VpcPeeringConnection?.VpcPeeringConnectionId ?? "")).toBe("failed");
    const theirs = await at(other).describeVpcPeeringConnections({});
    expect(theirs.VpcPeeringConnections).toEqual([]);
  });
});

describe("one peering a pair of VPCs", () => {
  const again = async ({ ec2, a, b }: Awaited<ReturnType<typeof requested>>, turned = false) =>
    outcomeOf(
      ec2.createVpcPeeringConnection(
        turned ? { VpcId: b.VpcId, PeerVpcId: a.VpcId } : { VpcId: a.VpcId, PeerVpcId: b.VpcId },
      ),
    );

  test("a second request is refused while the first waits or is active, either way round", async () => {
    const world = await requested();
    expect(await again(world)).toMatch(/^VpcPeeringConnectionAlreadyExists: /);
    expect(await again(world, true)).toMatch(/^VpcPeeringConnectionAlreadyExists: /);
    await accept(world.ec2, world.id);
    expect(await again(world, true)).toMatch(/^VpcPeeringConnectionAlreadyExists: /);
  });

  test("a dead one is not in the way", async () => {
    const world = await requested();
    await reject(world.ec2, world.id);
    expect(await again(world)).toBe("done");
  });
});

describe("who may do what, when", () => {
  type Scene = Awaited<ReturnType<typeof requested>>;
  const abroad = [other, "eu-west-1"] as [string, string];
  const rows: [string, (scene: Scene) => Promise<unknown>, RegExp][] = [
    [
      "the requester accepts",
      ({ ec2, id }) => accept(ec2, id),
      /^OperationNotPermitted: User 123456789012 cannot accept peering pcx-/,
    ],
    [
      "the requester rejects",
      ({ ec2, id }) => reject(ec2, id),
      /^OperationNotPermitted: User 123456789012 cannot reject/,
    ],
    [
      "the accepter's account elsewhere",
      ({ at, id }) => accept(at(other), id),
      /^InvalidVpcPeeringConnectionID.NotFound/,
    ],
    [
      "a stranger accepts",
      ({ at, id }) => accept(at("111122223333", "eu-west-1"), id),
      /^InvalidVpcPeeringConnectionID.NotFound/,
    ],
    [
      "the accepter deletes a request",
      ({ theirs, id }) => remove(theirs, id),
      /^OperationNotPermitted: User 210987654321 cannot delete/,
    ],
    ["the requester deletes a request", ({ ec2, id }) => remove(ec2, id), /^done$/],
    ["the accepter accepts", ({ theirs, id }) => accept(theirs, id), /^done$/],
    ["the accepter rejects", ({ theirs, id }) => reject(theirs, id), /^done$/],
    [
      "the accepter deletes what is active",
      async ({ theirs, id }) => accept(theirs, id).then(() => remove(theirs, id)),
      /^done$/,
    ],
    [
      "accepted twice",
      async ({ theirs, id }) => accept(theirs, id).then(() => accept(theirs, id)),
      /^InvalidStateTransition: Invalid state transition for pcx-\w+, attempted to transition from active to provisioning$/,
    ],
    [
      "deleted after rejection",
      async ({ theirs, ec2, id }) => reject(theirs, id).then(() => remove(ec2, id)),
      /^InvalidStateTransition: .* attempted to transition from rejected to deleting$/,
    ],
    [
      "deleted twice",
      async ({ ec2, id }) => remove(ec2, id).then(() => remove(ec2, id)),
      /^InvalidStateTransition: .* from deleted to deleting$/,
    ],
    [
      "rejected once active",
      async ({ theirs, id }) => accept(theirs, id).then(() => reject(theirs, id)),
      /^InvalidStateTransition: .* from active to rejected$/,
    ],
    ["a malformed id", ({ ec2 }) => accept(ec2, "vpc-1"), /^InvalidVpcPeeringConnectionID.Malformed/],
  ];
  test.each(rows)("%s", async (_name, act, outcome) => {
    expect(await outcomeOf(act(await requested({ accepter: abroad })))).toMatch(outcome);
  });

  test("within one account, the wrong Region is told the right one", async () => {
    const { ec2, id } = await requested({ accepter: ["123456789012", "eu-west-1"] });
    expect(await outcomeOf(accept(ec2, id))).toBe(
      `OperationNotPermitted: Incorrect region (us-east-1) specified for this request. VPC peering connection ${id} must be accepted in region eu-west-1`,
    );
  });

  test("each side has its own tags and sees only its own options", async () => {
    const { ec2, theirs, id } = await requested({ accepter: abroad });
    await accept(theirs, id);
    await theirs.createTags({ Resources: [id], Tags: [{ Key: "side", Value: "theirs" }] });
    const look = async (client: EC2) =>
      (await client.describeVpcPeeringConnections({})).VpcPeeringConnections?.[0];
    const [ours, seen] = [await look(ec2), await look(theirs)];
    expect([ours?.Tags, seen?.Tags]).toEqual([[], [{ Key: "side", Value: "theirs" }]]);
    expect([ours?.RequesterVpcInfo?.PeeringOptions, ours?.AccepterVpcInfo?.PeeringOptions]).toEqual([
      options,
      undefined,
    ]);
    expect([seen?.RequesterVpcInfo?.PeeringOptions, seen?.AccepterVpcInfo?.PeeringOptions]).toEqual([
      undefined,
      options,
    ]);
  });
});

describe("options", () => {
  const dns = { AllowDnsResolutionFromRemoteVpc: true };

  test("only of an active peering, and each side for itself", async () => {
    const { ec2, theirs, id } = await requested({ accepter: [other, "us-east-1"] });
    const set = (client: EC2, side: "Requester" | "Accepter") =>
      outcomeOf(
        client.modifyVpcPeeringConnectionOptions({
          VpcPeeringConnectionId: id,
          [`${side}PeeringConnectionOptions`]: dns,
        }),
      );
    expect(await set(ec2, "Requester")).toBe(
      `OperationNotPermitted: Peering ${id} is not active. Peering options can be added only to active peerings.`,
    );
    await accept(theirs, id);
    expect(await set(ec2, "Accepter")).toMatch(
      /^OperationNotPermitted: User 123456789012 cannot modify accepter/,
    );
    expect(await set(ec2, "Requester")).toBe("done");
    const { VpcPeeringConnections } = await ec2.describeVpcPeeringConnections({});
    expect(VpcPeeringConnections?.[0]?.RequesterVpcInfo?.PeeringOptions).toEqual({ ...options, ...dns });
  });
});

test("filters", async () => {
  const { ec2, a, b, id } = await requested();
  const count = async (Name: string, Value: string) =>
    (await ec2.describeVpcPeeringConnections({ Filters: [{ Name, Values: [Value] }] })).VpcPeeringConnections
      ?.length;
  expect(await count("requester-vpc-info.vpc-id", a.VpcId)).toBe(1);
  expect(await count("accepter-vpc-info.vpc-id", a.VpcId)).toBe(0);
  expect(await count("status-code", "pending-acceptance")).toBe(1);
  expect(await count("vpc-peering-connection-id", id)).toBe(1);
  expect(await count("accepter-vpc-info.cidr-block", "10.2.0.0/16")).toBe(0);
  await accept(ec2, id);
  expect(await count("accepter-vpc-info.cidr-block", "10.2.*")).toBe(1);
  expect(await count("accepter-vpc-info.owner-id", "123456789012")).toBe(1);
  expect(await outcomeOf(count("vpc-id", b.VpcId))).toBe(
    "InvalidParameterValue: The filter 'vpc-id' is invalid",
  );
});

test("a dry run asks for nothing", async () => {
  const { ec2 } = await awsForTest();
  const [a, b] = [await network(ec2), await network(ec2, "10.2.0.0/16")];
  const ask = ec2.createVpcPeeringConnection({ VpcId: a.VpcId, PeerVpcId: b.VpcId, DryRun: true });
  expect(await outcomeOf(ask)).toMatch(/^DryRunOperation/);
  expect((await ec2.describeVpcPeeringConnections({})).VpcPeeringConnections).toEqual([]);
});

describe("quotas", () => {
  test("active peerings of a VPC", async () => {
    const { ec2 } = await awsForTest({ quotas: { peeringsPerVpc: 1 } });
    const hub = await network(ec2);
    const outcomes = [];
    for (const cidr of ["10.2.0.0/16", "10.3.0.0/16"]) {
      const { VpcId } = await network(ec2, cidr);
      const asked = await ec2.createVpcPeeringConnection({ VpcId: hub.VpcId, PeerVpcId: VpcId });
      outcomes.push(await outcomeOf(accept(ec2, asked.VpcPeeringConnection?.VpcPeeringConnectionId ?? "")));
    }
    expect(outcomes).toEqual([
      "done",
      expect.stringMatching(/^ActiveVpcPeeringConnectionPerVpcLimitExceeded: .* VPC vpc-/),
    ]);
  });

  test("25 requests that wait for an answer", async () => {
    const { ec2 } = await awsForTest({ quotas: { vpcs: 40 } });
    const hub = await network(ec2);
    const outcomes = [];
    for (let n = 1; n <= 26; n++) {
      const { Vpc } = await ec2.createVpc({ CidrBlock: `10.${100 + n}.0.0/16` });
      const ask = ec2.createVpcPeeringConnection({ VpcId: hub.VpcId, PeerVpcId: Vpc?.VpcId });
      outcomes.push(await outcomeOf(ask));
    }
    expect(outcomes.slice(0, 25)).toEqual(Array(25).fill("done"));
    expect(outcomes[25]).toMatch(/^OutstandingVpcPeeringConnectionLimitExceeded: /);
  });
});
