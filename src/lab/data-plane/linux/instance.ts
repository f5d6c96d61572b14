import type { Server, Socket } from "node:net";
import type { Clock } from "../../../clock.ts";
import { hostKeyOf } from "../../host-key.ts";
import type { World } from "../../world.ts";
import { authorizes } from "../authorize.ts";
import { placedInstance } from "../records.ts";
import { serveSsh } from "../ssh-server.ts";
import { enterNamespace } from "./enter.ts";
import type { Holder } from "./holder.ts";
import { type EnterInside, openInside } from "./inside.ts";
import type { GuestFacts } from "./plan.ts";
import { serveRealSession } from "./session.ts";
import { openSockets } from "./sockets.ts";

const sshPort = 22;

/** A running instance of the Linux plane: what listens on its port 22, and who is logged in. One for each boot. */
export interface RunningInstance {
  /** Resolves when its SSH server listens or could not be brought to, and at once where that is not due yet. */
  listening(): Promise<void>;
  /** Makes the inside where it is not there yet. */
  inside(): Promise<EnterInside>;
  /** The far end of a connection to it: it ends with the instance, whose own end may be cut off from it by then. */
  hold(socket: Socket): void;
  /** Ends every connection; the processes end with the namespace. */
  end(): Promise<void>;
}

/** `turn` keeps the number of helper processes small. */
export function openInstance(options: {
  facts: GuestFacts;
  holder: Holder;
  clock: Clock;
  world: () => World;
  turn: <Result>(work: () => Promise<Result>) => Promise<Result>;
}): RunningInstance {
  const { facts, holder, clock, world, turn } = options;
  const { id } = facts;
  const over = new AbortController();
  const connections = new Set<Socket>();
  let server: Server | undefined;

  const inside = untilItSucceeds(() => openInside(holder, facts));
  const hold = (socket: Socket) => {
    if (over.signal.aborted) socket.destroy();
    connections.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => connections.delete(socket));
  };
  const login = (socket: Socket) => {
    const record = placedInstance(world(), id)?.record;
    if (!record || over.signal.aborted) return socket.destroy();
    hold(socket);
    // The boot goes on while keys are exchanged; a failure is told to the first session.
    inside().catch(() => undefined);
    return serveSsh(socket, {
      hostKey: hostKeyOf(record),
      clock,
      authorizes: (attempt) => authorizes(attempt, record, world().pushedKeys.get(id) ?? [], clock.now()),
      serve: (session) => serveRealSession(session, inside),
    });
  };
  const listen = untilItSucceeds(() =>
    turn(async () => {
      if (over.signal.aborted) return;
      const sockets = openSockets((command) => enterNamespace(holder, id, command));
      try {
        server = await sockets.listen(sshPort);
        if (over.signal.aborted) server.close();
        else server.on("connection", login);
      } finally {
        await sockets.close();
      }
    }),
  );
  const start = () =>
    listen().catch((error: unknown) => {
      if (!over.signal.aborted) process.emitWarning(`nothing listens on ${id}: ${(error as Error).message}`);
    });
  const since = placedInstance(world(), id)?.record.runningSince ?? 0;
  const due = since + world().profile.sshdStart;
  const wait = due - clock.now();
  if (wait <= 0) void start();
  else clock.sleep(wait, over.signal).then(start, () => undefined);

  return {
    listening: async () => (clock.now() < due ? undefined : start()),
    inside,
    hold,
    end: async () => {
      over.abort();
      server?.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

/** Does it once, for all who ask; after a failure the next one who asks has it tried again. */
function untilItSucceeds<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let under: Promise<Result> | undefined;
  return () => {
    under ??= work().catch((error: unknown) => {
      under = undefined;
      throw error;
    });
    return under;
  };
}
