import { execFile } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import { type LinuxDataPlane, linuxDataPlane } from "../../../../src/lab/data-plane/linux/linux.ts";
import type { Sight } from "../../../../src/lab/data-plane/sight.ts";
import type { Tables } from "../../../../src/lab/world.ts";
import { emptyTables } from "../../../../src/lab/world-store.ts";
import { describeRealPackets, openNamespaces } from "../../../support/real-packets.ts";
import { allow, icmpFrom, publicAddress, tutorialWorld } from "../tutorial-world.ts";

describeRealPackets("what the plane shows of its packets", () => {
  let world: ReturnType<typeof tutorialWorld>;
  let plane: LinuxDataPlane;
  let sight: Sight;
  beforeEach(async () => {
    world = tutorialWorld(systemClock.now());
    // The same again for another account, so that each address is there twice.
    world.tables.set("210987654321/us-east-1", again(world.home));
    world.peerings.set("pcx-12-b", {
      VpcPeeringConnectionId: "pcx-12-b",
      Status: { Code: "active" },
      RequesterVpcInfo: { VpcId: "vpc-1-b", OwnerId: "210987654321", Region: "us-east-1" },
      AccepterVpcInfo: { VpcId: "vpc-2-b", OwnerId: "210987654321", Region: "us-east-1" },
    });
    plane = linuxDataPlane({ holder: await openNamespaces(), clock: systemClock });
    plane.apply(world);
    sight = plane.sight!;
    await plane.settled();
  });
  afterEach(() => plane.close());

  const change = async (by: () => void) => {
    by();
    plane.apply(world);
    await plane.settled();
  };
  const ping = async (instance: string) => {
    const [program, ...args] = plane.enter(instance, [
      "ping",
      "-c",
      "2",
      "-i",
      "0.02",
      "-W",
      "0.2",
      "10.2.0.4",
    ]);
    await promisify(execFile)(program, args).catch(() => undefined);
  };
  const lines = async (trace: string) =>
    (await sight.stopTrace(trace)).map(({ leg, id, in: came, out }) => `${leg} ${id} ${came} ${out}`);

  describe("a trace", () => {
    const way = [
      "request eni-1 2 2",
      "request vpc-1 2 2",
      "request vpc-2 2 2",
      "request eni-2 2 2",
      "reply eni-2 2 2",
      "reply vpc-2 2 2",
      "reply vpc-1 2 2",
      "reply eni-1 2 2",
    ];

    test("shows the drop at the group that lets nothing in, and the whole way once it does", async () => {
      const shut = await sight.startTrace("eni-1", "eni-2");
      await ping("i-1");
      expect(await lines(shut)).toEqual([...way.slice(0, 3), "request eni-2 2 0"]);
      await change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
      const open = await sight.startTrace("eni-1", "eni-2");
      await ping("i-1");
      expect(await lines(open)).toEqual(way);
    });

    test("is about the two that were named, though others have their addresses; several at once are apart", async () => {
      await change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
      const [here, there] = [
        await sight.startTrace("eni-1", "eni-2"),
        await sight.startTrace("eni-1-b", "eni-2-b"),
      ];
      await ping("i-1");
      await ping("i-1-b");
      expect(await lines(there)).toEqual([
        ...way.slice(0, 3).map((line) => line.replace(/(eni|vpc)-\d/, "$&-b")),
        "request eni-2-b 2 0",
      ]);
      expect(await lines(here)).toEqual(way);
    });

    test("says so where a router was made anew meanwhile", async () => {
      const trace = await sight.startTrace("eni-1", "eni-2");
      const state = (Name: "running" | "stopped") => () => {
        world.home.instances.get("i-2")!.instance.State = { Name };
      };
      await change(state("stopped"));
      await change(state("running"));
      await expect(sight.stopTrace(trace)).rejects.toThrow("vpc-2 was made anew meanwhile");
      await expect(sight.stopTrace(trace)).rejects.toThrow("there is no trace");
    });

    test("leaves nothing behind, and the oldest ends where there are too many", async () => {
      const first = await sight.startTrace("eni-1", "eni-2");
      for (let n = 0; n < 16; n += 1) await sight.startTrace("eni-1", "eni-2");
      await expect(sight.stopTrace(first)).rejects.toThrow("there is no trace");
      const last = await sight.startTrace("eni-1", "eni-2");
      await sight.stopTrace(last);
      const tables = await plane.holder.run("nsenter --net=/run/netns/vpc-1 nft list tables");
      expect(tables.match(/peerctl_trace/g)).toHaveLength(15);
      expect(tables).not.toContain(last);
    });

    test("of what is not there", async () => {
      await expect(sight.startTrace("eni-1", "10.2.0.4")).rejects.toThrow("no network interface 10.2.0.4");
      await expect(sight.stopTrace("peerctl_trace_9; x")).rejects.toThrow("there is no trace");
    });
  });

  describeRealPackets("a capture", () => {
    const leaving = () => {
      const controller = new AbortController();
      return { signal: controller.signal, leave: () => controller.abort() };
    };
    const has = async (output: Readable, text: RegExp) => {
      let seen = "";
      for await (const part of output) {
        seen += part;
        if (text.test(seen)) return;
      }
      expect(seen).toMatch(text);
    };

    test("shows what comes to the instance, by its id or its interface's", async () => {
      await change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
      for (const name of ["i-2", "eni-2"]) {
        const { signal, leave } = leaving();
        const output = await sight.capture(name, "icmp", signal);
        const seen = has(output, /10\.1\.0\.4 > 10\.2\.0\.4: ICMP echo request/);
        await ping("i-1");
        await seen;
        leave();
        if (!output.closed) await once(output, "close");
      }
    });

    test("of an address that several have, names them; a stopped one is not meant", async () => {
      const { signal, leave } = leaving();
      await expect(sight.capture("10.2.0.4", "", signal)).rejects.toThrow(
        "10.2.0.4 is at several running instances: name one of i-2, i-2-b",
      );
      await change(() => {
        world.home.instances.get("i-2")!.instance.State = { Name: "stopped" };
      });
      const output = await sight.capture("10.2.0.4", "icmp", signal);
      const closed = once(output, "close");
      output.resume();
      leave();
      await closed;
      await expect(sight.capture("10.9.0.4", "", signal)).rejects.toThrow("no running instance");
      await expect(sight.capture("i-2", "", signal)).rejects.toThrow("no running instance");
    });

    test("tells what tcpdump says of a filter that is none", async () => {
      const { signal } = leaving();
      await expect(sight.capture("i-1", "no filter at all", signal)).rejects.toThrow("syntax error");
      await expect(sight.capture("i-1", "-w /tmp/x", signal)).rejects.toThrow("no filter of tcpdump's");
    });
  }, ["tcpdump"]);
});

/** The same tables with other ids: `vpc-1` is `vpc-1-b`. */
function again(tables: Tables): Tables {
  const made = emptyTables("210987654321", "us-east-1");
  for (const [key, rows] of Object.entries(tables)) {
    if (!(rows instanceof Map)) continue;
    const text = JSON.stringify([...rows])
      .replace(/"([a-z]+-\d+)"/g, '"$1-b"')
      .replaceAll(publicAddress, "203.0.113.11");
    for (const [id, row] of JSON.parse(text))
      (made[key as keyof Tables] as Map<string, unknown>).set(id, row);
  }
  return made;
}
