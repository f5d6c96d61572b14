import { describe, expect, test } from "vitest";
import { bound } from "../../bench/critical-path.ts";
import type { LogEntry, LoggedTransition } from "../../src/lab/log.ts";

const timing = { describeLag: 0, creation: 0 };

/** A call that took from `start` to `end`, in milliseconds. */
function call(
  action: string,
  start: number,
  end: number,
  ids: { used?: string[]; made?: string[]; error?: string } = {},
): LogEntry {
  const where = { service: "ec2", account: "123456789012", region: "us-east-1" };
  return { requestId: "", ...where, action, start, end, status: 200, used: [], made: [], ...ids };
}

const becomes = (id: string, to: string, at: number): LoggedTransition => ({ at, kind: "", id, to });

/** The bound of what the calls alone need, or the transitions too. */
const of = (calls: LogEntry[], transitions: LoggedTransition[] = [], more: Partial<typeof timing> = {}) =>
  bound({ calls, transitions }, { ...timing, ...more });

const vpc = call("CreateVpc", 0, 100, { made: ["vpc-1"] });
const subnet = call("CreateSubnet", 500, 600, { used: ["vpc-1"], made: ["subnet-1"] });
const instance = call("RunInstances", 900, 1000, { used: ["subnet-1"], made: ["i-1", "eni-1"] });

describe("making", () => {
  test("a call that names what another one made comes after its answer, however late it came in the log", () => {
    expect(of([vpc, subnet, instance])).toEqual({
      ms: 300,
      chain: ["CreateVpc (100)", "CreateSubnet (200)", "RunInstances (300)"],
    });
  });

  test("calls that do not name each other's cost as much as the longest of them", () => {
    const gateway = call("CreateInternetGateway", 200, 350, { made: ["igw-1"] });
    expect(of([vpc, gateway])).toEqual({ ms: 150, chain: ["CreateInternetGateway (150)"] });
  });

  test("what failed, and what only looked, costs nothing", () => {
    const refused = call("CreateSubnet", 100, 400, { used: ["vpc-1"], error: "InvalidVpcID.NotFound" });
    const look = call("DescribeVpcs", 100, 900, { used: ["vpc-1"] });
    expect(of([vpc, refused, look]).ms).toBe(100);
  });

  test("a new id is taken only when EC2 knows it, so long after the create took effect", () => {
    // In effect at 50 and at 450: the call that names it is sent so as to arrive then.
    expect(of([vpc, subnet], [], { describeLag: 400 })).toEqual({
      ms: 500,
      chain: ["CreateVpc (100)", "CreateSubnet (500)"],
    });
  });

  test("a boot takes as long after its launch as in the log, and is seen by half a look", () => {
    const look = call("DescribeInstances", 9000, 9080, { used: ["i-1"] });
    // The launch takes effect at 250, and at 950 in the log.
    expect(of([vpc, subnet, instance, look], [becomes("i-1", "running", 10_950)])).toEqual({
      ms: 250 + 10_000 + 40,
      chain: ["CreateVpc (100)", "CreateSubnet (200)", "RunInstances (300)", "i-1 is running (10290)"],
    });
  });

  test("a state that nobody waits for does not count", () => {
    expect(of([vpc], [becomes("vpc-1", "available", 5000)]).ms).toBe(100);
    const peering = call("CreateVpcPeeringConnection", 0, 100, { made: ["pcx-1"] });
    expect(of([peering], [becomes("pcx-1", "pending-acceptance", 850)]).ms).toBe(100);
  });

  test("a peering is accepted the moment that it is pending, without a look, and is active so long after that", () => {
    const request = call("CreateVpcPeeringConnection", 0, 100, { made: ["pcx-1"] });
    const look = call("DescribeVpcPeeringConnections", 1200, 1300, { used: ["pcx-1"] });
    const accept = call("AcceptVpcPeeringConnection", 1500, 1600, { used: ["pcx-1"] });
    const states = [becomes("pcx-1", "pending-acceptance", 850), becomes("pcx-1", "active", 3550)];
    const accepted = of([request, look, accept], states.slice(0, 1));
    expect(accepted).toEqual({
      ms: 900,
      chain: [
        "CreateVpcPeeringConnection (100)",
        "pcx-1 is pending-acceptance (850)",
        "AcceptVpcPeeringConnection (900)",
      ],
    });
    expect(of([request, look, accept], states).ms).toBe(850 + 2000 + 50);
  });

  test("an address goes to an interface when its instance has come into being", () => {
    const address = call("AllocateAddress", 0, 100, { made: ["eipalloc-1"] });
    const associate = call("AssociateAddress", 3000, 3100, {
      used: ["eipalloc-1", "eni-1"],
      made: ["eipassoc-1"],
    });
    expect(of([vpc, subnet, instance, address, associate], [], { creation: 1200 })).toEqual({
      ms: 250 + 1200 + 50,
      chain: ["CreateVpc (100)", "CreateSubnet (200)", "RunInstances (300)", "AssociateAddress (1500)"],
    });
  });
});

describe("removing", () => {
  /** Two VPCs with all that is in them, as an earlier log has it: an address in the first. */
  const before = {
    transitions: [],
    calls: [1, 2].flatMap((n) => [
      call("CreateVpc", 0, 100, { made: [`vpc-${n}`, `acl-${n}`] }),
      call("CreateInternetGateway", 0, 100, { made: [`igw-${n}`] }),
      call("AttachInternetGateway", 100, 200, { used: [`igw-${n}`, `vpc-${n}`] }),
      call("CreateSubnet", 100, 200, { used: [`vpc-${n}`], made: [`subnet-${n}`] }),
      call("CreateRouteTable", 100, 200, { used: [`vpc-${n}`], made: [`rtb-${n}`] }),
      call("AssociateRouteTable", 200, 300, {
        used: [`rtb-${n}`, `subnet-${n}`],
        made: [`rtbassoc-${n}`],
      }),
      call("CreateSecurityGroup", 100, 200, { used: [`vpc-${n}`], made: [`sg-${n}`] }),
      call("RunInstances", 200, 300, {
        used: [`subnet-${n}`, `sg-${n}`],
        made: [`i-${n}`, `eni-${n}`, `vol-${n}`],
      }),
    ]),
  };
  before.calls.push(
    call("AllocateAddress", 0, 100, { made: ["eipalloc-1"] }),
    call("AssociateAddress", 300, 400, { used: ["eipalloc-1", "eni-1"], made: ["eipassoc-1"] }),
  );
  const removing = (calls: LogEntry[], transitions: LoggedTransition[] = []) =>
    bound({ calls, transitions }, timing, before);

  const terminate = call("TerminateInstances", 0, 100, { used: ["i-1"] });
  const terminated = becomes("i-1", "terminated", 20_050);

  test("a subnet goes the moment that its instance is terminated, without a look; its VPC after the answer", () => {
    const calls = [
      terminate,
      call("DescribeInstances", 20_500, 20_600, { used: ["i-1"] }),
      call("DeleteSubnet", 21_000, 21_100, { used: ["subnet-1"] }),
      call("DeleteVpc", 21_500, 21_600, { used: ["vpc-1"] }),
    ];
    expect(removing(calls, [terminated])).toEqual({
      ms: 20_200,
      chain: [
        "TerminateInstances (100)",
        "i-1 is terminated (20050)",
        "DeleteSubnet (20100)",
        "DeleteVpc (20200)",
      ],
    });
  });

  test("so does a security group; the other VPC's need not wait", () => {
    const ours = call("DeleteSecurityGroup", 21_000, 21_100, { used: ["sg-1"] });
    const other = call("DeleteSecurityGroup", 21_000, 21_100, { used: ["sg-2"] });
    expect(removing([terminate, ours], [terminated]).ms).toBe(20_100);
    expect(removing([terminate, other], []).ms).toBe(100);
  });

  test("where nothing comes after an instance's end, it is seen by half a look", () => {
    const look = call("DescribeInstances", 20_500, 20_600, { used: ["i-1"] });
    expect(removing([terminate, look], [terminated]).ms).toBe(20_100);
  });

  test("a route table need not wait for its subnet, as its association can be ended at once", () => {
    const subnet = call("DeleteSubnet", 21_000, 21_100, { used: ["subnet-1"] });
    const table = call("DeleteRouteTable", 21_200, 21_300, { used: ["rtb-1"] });
    expect(removing([terminate, subnet, table], [terminated]).chain.at(-1)).toBe("DeleteSubnet (20100)");
    const disassociate = call("DisassociateRouteTable", 0, 100, { used: ["rtbassoc-1"] });
    expect(removing([disassociate, table])).toEqual({
      ms: 200,
      chain: ["DisassociateRouteTable (100)", "DeleteRouteTable (200)"],
    });
  });

  test("a route's end is not its table's", () => {
    const route = call("DeleteRoute", 0, 300, { used: ["rtb-1"] });
    const table = call("DeleteRouteTable", 400, 500, { used: ["rtb-1"] });
    const vpc = call("DeleteVpc", 700, 800, { used: ["vpc-1"] });
    expect(removing([route, vpc]).ms).toBe(300);
    expect(removing([route, table, vpc])).toEqual({
      ms: 300,
      chain: ["DeleteRoute (300)"],
    });
    expect(removing([table, vpc]).chain).toEqual(["DeleteRouteTable (100)", "DeleteVpc (200)"]);
  });

  test("a gateway is detached when no address is mapped in its VPC; then it, and the VPC, can go", () => {
    const calls = [
      call("DisassociateAddress", 0, 100, { used: ["eipassoc-1"] }),
      call("ReleaseAddress", 200, 300, { used: ["eipalloc-1"] }),
      call("DetachInternetGateway", 400, 500, { used: ["igw-1", "vpc-1"] }),
    ];
    expect(removing(calls).chain.at(-1)).toMatch(/^(ReleaseAddress|DetachInternetGateway) \(200\)$/);
    for (const [action, used] of [
      ["DeleteInternetGateway", "igw-1"],
      ["DeleteVpc", "vpc-1"],
    ] as const) {
      expect(removing([...calls, call(action, 600, 700, { used: [used] })])).toEqual({
        ms: 300,
        chain: ["DisassociateAddress (100)", "DetachInternetGateway (200)", `${action} (300)`],
      });
    }
  });

  test("the other VPC's gateway does not wait for that address, nor its VPC for the gateway's own end", () => {
    const calls = [
      call("DisassociateAddress", 0, 150, { used: ["eipassoc-1"] }),
      call("DetachInternetGateway", 400, 500, { used: ["igw-2", "vpc-2"] }),
      call("DeleteInternetGateway", 600, 750, { used: ["igw-2"] }),
      call("DeleteVpc", 800, 900, { used: ["vpc-2"] }),
    ];
    expect(removing(calls)).toEqual({
      ms: 250,
      chain: ["DetachInternetGateway (100)", "DeleteInternetGateway (250)"],
    });
  });
});
