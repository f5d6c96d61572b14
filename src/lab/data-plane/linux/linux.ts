import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { NetworkInterface } from "@aws-sdk/client-ec2";
import type { Clock } from "../../../clock.ts";
import { callerAddress, establish, fenced, refuse, type Target } from "../../connect-proxy.ts";
import { snapshotOf } from "../../snapshot.ts";
import type { World } from "../../world.ts";
import type { DataPlane } from "../data-plane.ts";
import { enterNamespace } from "./enter.ts";
import { follower } from "./follower.ts";
import { type Holder, openHolder } from "./holder.ts";
import type { RunningInstance } from "./instance.ts";
import { numbers } from "./numbers.ts";
import type { NumberOf } from "./plan.ts";
import { linuxSight } from "./sight.ts";
import { helperGone, SocketError } from "./sockets.ts";

/** A Linux data plane, with what only real packets can do. */
export interface LinuxDataPlane extends DataPlane {
  /** Resolves when the kernel is as the tables were at the call; rejects where it could not be brought there. */
  settled(): Promise<void>;
  /** The command line that runs a command as root of the lab's user namespace, in a namespace of the plan, for `spawn`. */
  enter(namespace: string, command: readonly string[]): [string, ...string[]];
  /** Of the namespaces as they are now: after a failure there is another. Throws where there is none. */
  readonly holder: Pick<Holder, "run" | "enter">;
  instance(id: string): RunningInstance | undefined;
}

/**
 * The data plane whose packets are real: the kernel's namespaces, routes and filters are made to follow the tables, soon
 * after each change and before anything from outside goes in. `holder` is one that the probe has found to work. Where the
 * kernel refuses, or the holder ends, `open` gives another, and all is built anew, once; after that the next change or
 * connection has it tried again, and `why` says meanwhile that packets do not move.
 */
export function linuxDataPlane(options: {
  holder: Holder;
  clock: Clock;
  open?: () => Holder;
  why?: string;
  numberOf?: NumberOf;
}): LinuxDataPlane {
  const { clock, holder: first, open = openHolder, numberOf = numbers() } = options;
  const kernel = follower({ first, open, clock, numberOf });
  const sockets = new Set<Duplex>();

  const dial = async (target: Target, socket: Duplex, head: Buffer, gone: AbortSignal) => {
    await kernel.settled();
    const there = kernel.instance(instanceAt(kernel.world(), target.host) ?? "");
    await there?.listening();
    const outside = kernel.ground().outside();
    const near = await outside.connect({ ...target, localAddress: callerAddress }, gone);
    there?.hold(near);
    establish(socket, head);
    join(socket, near);
  };

  const plane = fenced({
    name: "linux",
    why: () => {
      const failure = kernel.failure();
      if (!failure) return options.why;
      return `packets do not move: ${oneLine(failure)}; the next change or connection has it tried again`;
    },
    apply: (changed) => kernel.follow(changed),
    connect: (given, target, socket, head) => {
      if (given !== kernel.world() || kernel.failure()) kernel.follow(given);
      sockets.add(socket);
      const leaving = new AbortController();
      socket.once("close", () => {
        sockets.delete(socket);
        leaving.abort(new Error("the client has gone"));
      });
      dial(target, socket, head, leaving.signal).catch((error: unknown) => {
        if (socket.destroyed) return;
        const code = error instanceof SocketError ? error.code : helperGone;
        if (code === helperGone) refuse(socket, 502, `the lab failed: ${oneLine(error)}`);
        else if (code === "ECONNREFUSED") {
          refuse(socket, 502, `${target.host}:${target.port} refused the connection`);
        } else refuse(socket, 504, `${target.host}:${target.port} did not answer`);
      });
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await kernel.close();
    },
  });
  const holder: LinuxDataPlane["holder"] = {
    run: async (script) => kernel.ground().holder.run(script),
    enter: (command) => kernel.ground().holder.enter(command),
  };
  return {
    ...plane,
    sight: linuxSight({
      holder,
      settled: kernel.settled,
      plan: () => kernel.ground().plan(),
      snapshot: () => snapshotOf(kernel.world()),
      numberOf,
      instance: kernel.instance,
    }),
    settled: kernel.settled,
    enter: (namespace, command) => enterNamespace(holder, namespace, command),
    holder,
    instance: kernel.instance,
  };
}

/** The instance that has this public address. */
function instanceAt(world: World, address: string): string | undefined {
  const rows = [...world.tables.values()].flatMap((tables) => [...tables.networkInterfaces.values()]);
  const has = (row: NetworkInterface) =>
    row.PrivateIpAddresses?.some((each) => each.Association?.PublicIp === address);
  return rows.find(has)?.Attachment?.InstanceId;
}

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
