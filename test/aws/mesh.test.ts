import { setMaxListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { attempting } from "../../src/aws/attempt.ts";
import { sender } from "../../src/aws/send.ts";
import type { CallOptions } from "../../src/aws/trouble.ts";
import { createBuckets } from "../../src/lab/buckets.ts";
import { manualClock } from "../lab/data-plane/manual-clock.ts";
import { brokenConnection, serviceError } from "../support/service-error.ts";

const { signal } = new AbortController();
setMaxListeners(0, signal);

/** A call takes so long and takes effect half way, and a new id is not known for `lag`. Milliseconds. */
const [latency, lag] = [130, 400];

/** An AWS of token buckets alone, which forgets no id, and whose connection breaks at every `breaks`th attempt. */
function account(breaks: number) {
  const clock = manualClock();
  const buckets = createBuckets();
  const born = new Map<string, number>();
  const passed = new Map<string, number>();
  let attempts = 0;
  const attempt = attempting({ clock, signal, onCall: () => {} });
  const send = sender({ attempt, clock, signal, random: () => 0.5 });

  const take = async (action: string, used: readonly string[], id: string) => {
    const breaksNow = ++attempts % breaks === 0;
    await clock.sleep(latency / 2);
    const isTaken = buckets.take("account", action, { MaxCount: 1 }, clock.now());
    const isKnown = used.every((each) => clock.now() >= (born.get(each) ?? 0) + lag);
    if (isTaken) passed.set(action, (passed.get(action) ?? 0) + 1);
    if (isTaken && isKnown && !born.has(id)) born.set(id, clock.now());
    await clock.sleep(latency / 2);
    if (!isTaken) throw serviceError("RequestLimitExceeded", 503);
    if (breaksNow) throw brokenConnection();
    if (!isKnown) throw serviceError("InvalidID.NotFound");
    return { id };
  };
  let made = 0;
  /** Makes something that needs others; resolves with its id. */
  const make = async (action: string, needs: readonly Promise<string>[] = [], how: CallOptions = {}) => {
    const used = await Promise.all(needs);
    const id = `x-${(++made).toString(16).padStart(8, "0")}`;
    const call = { action, isRead: false, input: { used }, go: () => take(action, used, id) };
    return (await send(call, { fresh: true, ...how })).id;
  };
  return { clock, make, passed };
}

/** All changes of a full mesh, each as soon as what it needs is there. */
function mesh(count: number, make: ReturnType<typeof account>["make"]): Promise<unknown> {
  const all: Promise<string>[] = [];
  const go: typeof make = (...args) => {
    const going = make(...args);
    all.push(going);
    return going;
  };
  const vpcs = Array.from({ length: count }, () => {
    const vpc = go("CreateVpc");
    const subnet = go("CreateSubnet", [vpc]);
    const table = go("CreateRouteTable", [vpc]);
    const gateway = go("CreateInternetGateway");
    const attachment = go("AttachInternetGateway", [vpc, gateway]);
    const group = go("CreateSecurityGroup", [vpc]);
    go("AssociateRouteTable", [subnet, table]);
    go("CreateRoute", [table, attachment]);
    go("AuthorizeSecurityGroupIngress", [group]);
    go("RunInstances", [subnet, group]);
    return { vpc, table };
  });
  vpcs.forEach((a, n) => {
    for (const b of vpcs.slice(n + 1)) {
      const peering = go("CreateVpcPeeringConnection", [a.vpc, b.vpc]);
      go("AcceptVpcPeeringConnection", [peering]);
      go("CreateRoute", [a.table, peering]);
      go("CreateRoute", [b.table, peering]);
    }
  });
  return Promise.all(all);
}

describe.each([
  ["nothing else goes wrong", Number.POSITIVE_INFINITY],
  ["every fiftieth connection breaks", 50],
])("30 VPCs, full mesh: %s", (_what, breaks) => {
  test("no call fails, and they take as long as the buckets make them", async () => {
    const { clock, make, passed } = account(breaks);
    const began = clock.now();
    await clock.finish(mesh(30, make));
    const seconds = (clock.now() - began) / 1000;
    expect(passed.get("CreateRoute")).toBeGreaterThanOrEqual(900);
    const least = Math.max(
      ...[...passed].map(([action, calls]) =>
        action === "RunInstances" ? (calls - 5) / 2 : (calls - 50) / 5,
      ),
    );
    expect(seconds / least).toBeLessThan(1.15);
  });
});
