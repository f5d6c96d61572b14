import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../../clock.ts";
import { callerAddress, establish, fenced, refuse, type Target } from "../../connect-proxy.ts";
import { snapshotOf } from "../../snapshot.ts";
import type { World } from "../../world.ts";
import type { DataPlane } from "../data-plane.ts";
import { nothing } from "./changes.ts";
import { enterNamespace } from "./enter.ts";
import { type Ground, openGround } from "./ground.ts";
import { guestsOf } from "./guests.ts";
import { type Holder, HolderError, openHolder } from "./holder.ts";
import type { RunningInstance } from "./instance.ts";
import { numbers } from "./numbers.ts";
import { planOf } from "./plan.ts";
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
}): LinuxDataPlane {
  const { clock, open = openHolder } = options;
  const numberOf = numbers();
  const sockets = new Set<Duplex>();
  const connected = new Set<Socket>();
  let fresh: Holder | undefined = options.holder;
  let ground: Ground | undefined;
  let world: World;
  let era = 0;
  let following: Promise<void> | undefined;
  let stale = false;
  let attempts = 0;
  let failure: unknown;
  let closed = false;
  let ending: Promise<unknown> = Promise.resolve();

  const begin = (): Ground => {
    const holder = fresh ?? open();
    fresh = undefined;
    const begun = openGround({ holder, clock, world: () => world });
    holder.ended.then(() => lose(begun, new HolderError("the process that holds the namespaces has ended")));
    return begun;
  };
  const lose = (lost: Ground | undefined, error: unknown) => {
    if (closed || ground !== lost) return;
    ground = undefined;
    failure = error;
    process.emitWarning(`the Linux data plane could not follow the tables: ${oneLine(error)}`);
    // Sockets keep a namespace alive: connections would go on beside the new ones.
    for (const socket of connected) socket.destroy();
    ending = Promise.all([ending, lost?.close()]);
    if (attempts < mostAttempts) again();
  };
  const follow = async () => {
    // What changes in one go is brought to the kernel in one go.
    await new Promise(setImmediate);
    while (stale && !closed) {
      stale = false;
      attempts += 1;
      let here = ground;
      try {
        here ??= begin();
        ground = here;
        const guests = guestsOf(world, era);
        await here.follow(planOf(snapshotOf(world), guests, numberOf), guests);
        if (ground === here) failure = undefined;
      } catch (error) {
        lose(here, error);
      }
    }
  };
  const again = () => {
    stale = true;
    following ??= follow().finally(() => {
      following = undefined;
    });
  };
  const settled = async () => {
    while (following) await following;
    if (failure !== undefined) throw failure;
  };
  const live = (): Ground => {
    if (!ground) throw failure ?? new HolderError("there are no namespaces yet");
    return ground;
  };

  const dial = async (target: Target, socket: Duplex, head: Buffer, gone: AbortSignal) => {
    await settled();
    const instance = instanceAt(target.host);
    await instance?.listening();
    const near = await live()
      .outside()
      .connect({ ...target, localAddress: callerAddress }, gone);
    connected.add(near);
    near.once("close", () => connected.delete(near));
    instance?.hold(near);
    establish(socket, head);
    join(socket, near);
  };
  const instanceAt = (address: string): RunningInstance | undefined => {
    for (const tables of world.tables.values()) {
      for (const row of tables.networkInterfaces.values()) {
        const has = row.PrivateIpAddresses?.some((each) => each.Association?.PublicIp === address);
        if (has) return ground?.instance(row.Attachment?.InstanceId ?? "");
      }
    }
    return undefined;
  };

  const plane = fenced({
    name: "linux",
    why: () =>
      failure === undefined
        ? options.why
        : `packets do not move: ${oneLine(failure)}; the next change or connection has it tried again`,
    apply: (changed) => {
      if (changed !== world) era += 1;
      world = changed;
      attempts = 0;
      again();
    },
    connect: (given, target, socket, head) => {
      if (given !== world || failure !== undefined) plane.apply(given);
      sockets.add(socket);
      const leaving = new AbortController();
      const leave = () => leaving.abort(new Error("the client has gone"));
      socket.once("close", () => {
        sockets.delete(socket);
        leave();
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
      closed = true;
      for (const socket of sockets) socket.destroy();
      await Promise.all([ending, ground?.close(), fresh?.close()]);
    },
  });
  const holder: LinuxDataPlane["holder"] = {
    run: async (script) => live().holder.run(script),
    enter: (command) => live().holder.enter(command),
  };
  const instance = (id: string) => ground?.instance(id);
  return {
    ...plane,
    sight: linuxSight({
      holder,
      settled,
      plan: () => ground?.plan() ?? nothing,
      snapshot: () => snapshotOf(world),
      numberOf,
      instance,
    }),
    settled,
    enter: (namespace, command) => enterNamespace(live().holder, namespace, command),
    holder,
    instance,
  };
}

/** On a ground that breaks, and then on a new one. */
const mostAttempts = 2;

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
