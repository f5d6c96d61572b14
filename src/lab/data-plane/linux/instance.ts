import type { Server, Socket } from "node:net";
import type { Clock } from "../../../clock.ts";
import { hostKeyOf } from "../../host-key.ts";
import type { World } from "../../world.ts";
import { authorizes } from "../authorize.ts";
import { placedInstance } from "../records.ts";
import { serveSsh } from "../ssh-server.ts";
import type { Holder } from "./holder.ts";
import { type EnterInside, openInside } from "./inside.ts";
import type { GuestFacts } from "./plan.ts";
import { serveRealSession } from "./session.ts";
import { openSockets } from "./sockets.ts";

const sshPort = 22;

/** A running instance of the Linux plane: what listens on its port 22, and who is logged in. */
export interface RunningInstance {
  /** Resolves when its SSH server listens, or at once where that is not due yet. */
  listening(): Promise<void>;
  /** Makes the inside where it is not there yet. */
  inside(): Promise<EnterInside>;
  /** Ends every connection; the processes end with the namespace. */
  end(): Promise<void>;
}

export function openInstance(options: {
  facts: GuestFacts;
  holder: Holder;
  enter: (namespace: string, command: readonly string[]) => [string, ...string[]];
  clock: Clock;
  world: () => World;
}): RunningInstance {
  const { facts, holder, enter, clock, world } = options;
  const { id } = facts;
  const over = new AbortController();
  const connections = new Set<Socket>();
  let made: Promise<EnterInside> | undefined;
  let server: Server | undefined;
  let started: Promise<void> | undefined;

  const inside = () => {
    made ??= openInside(holder, facts);
    return made;
  };
  const login = (socket: Socket) => {
    const record = placedInstance(world(), id)?.record;
    if (!record || over.signal.aborted) return socket.destroy();
    connections.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => connections.delete(socket));
    // The boot goes on while keys are exchanged; a failure is told to the first session.
    inside().catch(() => undefined);
    return serveSsh(socket, {
      hostKey: hostKeyOf(record),
      clock,
      authorizes: (attempt) => authorizes(attempt, record, world().pushedKeys.get(id) ?? [], clock.now()),
      serve: (session) => serveRealSession(session, inside),
    });
  };
  const listen = async () => {
    const sockets = openSockets((command) => enter(id, command));
    try {
      server = await sockets.listen(sshPort);
      if (over.signal.aborted) server.close();
      else server.on("connection", login);
    } finally {
      await sockets.close();
    }
  };
  const start = () => {
    started ??= listen().catch((error: unknown) => {
      if (!over.signal.aborted) process.emitWarning(`nothing listens on ${id}: ${(error as Error).message}`);
    });
    return started;
  };
  const since = placedInstance(world(), id)?.record.runningSince ?? 0;
  const wait = since + world().profile.sshdStart - clock.now();
  if (wait <= 0) void start();
  else clock.sleep(wait, over.signal).then(start, () => undefined);

  return {
    listening: async () => started,
    inside,
    end: async () => {
      over.abort();
      server?.close();
      for (const socket of connections) socket.destroy();
    },
  };
}
