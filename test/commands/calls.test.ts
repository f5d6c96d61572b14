import { expect, test } from "vitest";
import { bench, changesIn } from "../support/stack.ts";

/** Calls cost time on AWS, and they are throttled. The counts do not depend on the clock: nothing here has to wait. */
test("the default topology takes few calls to make, to look at and to remove", async () => {
  const stack = await bench();

  const up = await stack.up();
  expect(up.error).toBeUndefined();
  const count = (action: string) => up.calls.filter((each) => each === action).length;
  // Each thing is made once, by one call.
  expect(changesIn(up)).toEqual(
    [
      ...["CreateVpc", "CreateSubnet", "CreateInternetGateway", "AttachInternetGateway", "CreateRouteTable"],
      ...["AssociateRouteTable", "CreateRoute", "CreateRoute", "CreateSecurityGroup", "RunInstances"],
    ]
      .flatMap((action) => [action, action])
      .concat(
        ...[
          "CreateVpcPeeringConnection",
          "AcceptVpcPeeringConnection",
          "AllocateAddress",
          "AssociateAddress",
        ],
        ...["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"],
      )
      .sort(),
  );
  // Two looks are for the peering (may it be accepted, is it active), and at most one for each instance.
  expect(count("DescribeVpcPeeringConnections")).toBe(2);
  expect(count("DescribeInstances")).toBeLessThanOrEqual(2);
  expect(up.calls.length).toBeLessThanOrEqual(33);

  const again = await stack.up();
  expect(changesIn(again)).toEqual([]);
  expect(new Set(again.calls).size, "nothing is asked twice").toBe(again.calls.length);
  expect(again.calls.length).toBeLessThanOrEqual(10);

  const status = await stack.status();
  expect(status.code).toBe(0);
  expect(status.calls.length).toBeLessThanOrEqual(10);

  const down = await stack.teardown();
  expect(down.code).toBe(0);
  expect(down.calls.length).toBeLessThanOrEqual(30);
  expect(down.calls.filter((action) => action === "TerminateInstances")).toHaveLength(1);
});
