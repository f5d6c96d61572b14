import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../../clock.ts";
import { callerAddress, establish, fenced, refuse, type Target } from "../../connect-proxy.ts";
import { snapshotOf } from "../../snapshot.ts";
import type { World } from "../../world.ts";
import type { DataPlane } from "../data-plane.ts";
import { changes, nothing } from "./changes.ts";
import { guestsOf } from "./guests.ts";
import type { Holder } from "./holder.ts";
import { openInstance, type RunningInstance } from "./instance.ts";
import { numbers } from "./numbers.ts";
import { type GuestFacts, internet, type NumberOf, type Plan, planOf } from "./plan.ts";
import { linuxSight } from "./sight.ts";
import { openSockets, SocketError } from "./sockets.ts";

/** A Linux data plane, with what only real packets can do. */
export interface LinuxDataPlane extends DataPlane {
  /** Resolves when the kernel is as the tables were at the call; rejects where it could not be brought there. */
  settled(): Promise<void>;
  /** The command line that runs a command as root of the lab's user namespace, in a namespace of the plan, for `spawn`. */
  enter(namespace: string, command: readonly string[]): [string, ...string[]];
  readonly holder: Holder;
  instance(id: string): RunningInstance | undefined;
}

/**
 * The data plane whose packets are real: the kernel's namespaces, routes and filters are made to follow the tables, soon
 * after each change and before anything from outside goes in. `holder` is one that the probe has found to work.
 */
export function linuxDataPlane({
  holder,
  clock,
  numberOf = numbers(),
}: {
  holder: Holder;
  clock: Clock;
  numberOf?: NumberOf;
}): LinuxDataPlane {
  const enter = (namespace: string, command: readonly string[]) =>
    holder.enter(["nsenter", `--net=/run/netns/${namespace}`, ...command]);
  const instances = new Map<string, RunningInstance>();
  const sockets = new Set<Duplex>();
  let outside: ReturnType<typeof openSockets> | undefined;
  let world: World;
  let applied: Plan = nothing;
  let following: Promise<void> | undefined;
  let stale = false;
  let failure: unknown;
  let closed = false;

  const follow = async () => {
    // What changes in one go is brought to the kernel in one go.
    await new Promise(setImmediate);
    while (stale && !closed) {
      stale = false;
      const guests = guestsOf(world);
      const plan = planOf(snapshotOf(world), guests, numberOf);
      const script = changes(applied, plan);
      try {
        if (script !== "") await holder.run(script);
        applied = plan;
        failure = undefined;
      } catch (error) {
        if (closed) return;
        failure = error;
        // The kernel is somewhere between two plans: all is taken down, and the next change builds it anew.
        applied = nothing;
        process.emitWarning(`the Linux data plane could not follow the tables: ${(error as Error).message}`);
        await holder.run(takeDown);
      }
      outside ??= openSockets((command) => enter(internet, command));
      await attend(guests);
    }
  };
  const attend = async (guests: readonly GuestFacts[]) => {
    const running = new Set(guests.map(({ id }) => id));
    const ended = [...instances].filter(([id]) => !running.has(id));
    for (const [id] of ended) instances.delete(id);
    await Promise.all(ended.map(([, instance]) => instance.end()));
    for (const facts of guests) {
      if (instances.has(facts.id)) continue;
      instances.set(facts.id, openInstance({ facts, holder, enter, clock, world: () => world }));
    }
  };
  const settled = async () => {
    await following;
    if (failure !== undefined) throw failure;
  };

  const dial = async (target: Target, socket: Duplex, head: Buffer, gone: AbortSignal) => {
    await settled();
    await instanceAt(target.host)?.listening();
    const near = await outside!.connect({ ...target, localAddress: callerAddress }, gone);
    establish(socket, head);
    join(socket, near);
  };
  const instanceAt = (address: string): RunningInstance | undefined => {
    for (const tables of world.tables.values()) {
      for (const row of tables.networkInterfaces.values()) {
        const has = row.PrivateIpAddresses?.some((each) => each.Association?.PublicIp === address);
        if (has) return instances.get(row.Attachment?.InstanceId ?? "");
      }
    }
    return undefined;
  };

  const plane = fenced({
    name: "linux",
    apply: (changed) => {
      world = changed;
      stale = true;
      following ??= follow().finally(() => {
        following = undefined;
      });
    },
    connect: (given, target, socket, head) => {
      if (given !== world) plane.apply(given);
      sockets.add(socket);
      const leaving = new AbortController();
      const leave = () => leaving.abort(new Error("the client has gone"));
      socket.once("close", () => {
        sockets.delete(socket);
        leave();
      });
      dial(target, socket, head, leaving.signal).catch((error: unknown) => {
        if (socket.destroyed) return;
        if (!(error instanceof SocketError)) refuse(socket, 502, `the lab failed: ${oneLine(error)}`);
        else if (error.code === "ECONNREFUSED") {
          refuse(socket, 502, `${target.host}:${target.port} refused the connection`);
        } else refuse(socket, 504, `${target.host}:${target.port} did not answer`);
      });
    },
    close: async () => {
      closed = true;
      for (const socket of sockets) socket.destroy();
      await Promise.all([...instances.values()].map((instance) => instance.end()));
      await outside?.close();
      await holder.close();
    },
  });
  return {
    ...plane,
    sight: linuxSight({
      holder,
      settled,
      plan: () => applied,
      snapshot: () => snapshotOf(world),
      numberOf,
      instance: (id) => instances.get(id),
    }),
    settled,
    enter,
    holder,
    instance: (id) => instances.get(id),
  };
}

/** All namespaces and processes, whatever has become of them. */
const takeDown = `
for file in /run/peerctl/*.pid; do
  if [ -e "$file" ]; then kill -KILL $(cat "$file") 2>/dev/null || :; fi
done
rm -rf /run/peerctl/*
ip -all netns delete
`;

/** Two ends of one connection, as a relay: what ends or breaks one, ends the other. */
function join(a: Duplex, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
}

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replace(/\s+/g, " ");
}
