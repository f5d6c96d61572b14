import type { Duplex } from "node:stream";
import type { Clock } from "../../clock.ts";
import { establish, fenced, refuse, type Target } from "../connect-proxy.ts";
import { hostKeyOf } from "../host-key.ts";
import { seededIds } from "../ids.ts";
import type { World } from "../world.ts";
import { authorizes } from "./authorize.ts";
import type { DataPlane } from "./data-plane.ts";
import { dial } from "./dial.ts";
import { serveSession } from "./guest/session.ts";
import { instanceGuest } from "./instance-guest.ts";
import { bootOf, type Placed } from "./records.ts";
import { serveSsh } from "./ssh-server.ts";
import { type View, viewOf } from "./view.ts";

/**
 * When Linux repeats a SYN that nobody answers, as pauses in milliseconds; after the last it gives up, 127 s in all. So a
 * path that opens meanwhile is found, as on AWS. https://docs.kernel.org/networking/ip-sysctl.html (tcp_syn_retries)
 */
const synPauses = [1, 2, 4, 8, 16, 32, 64].map((seconds) => seconds * 1000);
/** What a client may send ahead of the answer. */
const mostAhead = 65_536;

/**
 * The data plane that needs nothing of the machine: `net/` decides what arrives, and instances are a small model of Linux
 * behind a real SSH server. Connections that stand go on when a rule or route closes, as tracked ones do on AWS (there the
 * lack of a route or public address would stop them too); they end when their instance stops or boots anew.
 */
export function modelDataPlane({ clock, seed = 1 }: { clock: Clock; seed?: number }): DataPlane {
  const random = seededIds(seed).number;
  const sockets = new Set<Duplex>();
  const logins = new Map<Duplex, { instance: string; boot: number | undefined; end: () => void }>();
  let world: World;
  let view: View | undefined;

  const apply = (changed: World) => {
    world = changed;
    view = undefined;
    for (const { instance, boot, end } of logins.values()) if (bootOf(world, instance) !== boot) end();
  };
  const current = (): View => {
    view ??= viewOf(world);
    return view;
  };
  const login = (instance: Placed, socket: Duplex, head: Buffer) => {
    const id = instance.record.instance.InstanceId ?? "";
    establish(socket, head);
    const end = serveSsh(socket, {
      hostKey: hostKeyOf(instance.record),
      clock,
      authorizes: (attempt) =>
        authorizes(attempt, instance.record, world.pushedKeys.get(id) ?? [], clock.now()),
      serve: (session, user) =>
        serveSession(session, instanceGuest({ instance, user, clock, random, view: current })),
    });
    logins.set(socket, { instance: id, boot: bootOf(world, id), end });
  };

  const connect = async (target: Target, socket: Duplex, head: Buffer) => {
    const ahead = holdAhead(socket, head);
    for (const pause of synPauses) {
      const answer = dial(current(), world, clock.now(), target);
      if (answer.kind === "refused") {
        ahead.release();
        return refuse(socket, 502, `${target.host}:${target.port} refused the connection`);
      }
      if (answer.kind === "open") return login(answer.instance, socket, ahead.release());
      await clock.sleep(pause, ahead.gone);
    }
    ahead.release();
    refuse(socket, 504, `${target.host}:${target.port} did not answer`);
  };

  return fenced({
    name: "model",
    apply,
    connect: (given, target, socket, head) => {
      if (given !== world) apply(given);
      sockets.add(socket);
      socket.once("close", () => {
        sockets.delete(socket);
        logins.delete(socket);
      });
      connect(target, socket, head).catch((error: unknown) => {
        // The client that went away is no failure; what else there is, is told to the one who waits.
        if (!socket.destroyed) refuse(socket, 502, `the lab failed: ${oneLine(error)}`);
      });
    },
    close: async () => {
      const closed = [...sockets].map((each) => new Promise((resolve) => each.once("close", resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  });
}

function oneLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replace(/\s+/g, " ");
}

/**
 * Keeps what the client sends while it waits, and sees it leave: only a socket that is read tells its end. `gone` aborts
 * then; `release` stops reading and gives what has come.
 */
function holdAhead(socket: Duplex, head: Buffer): { gone: AbortSignal; release(): Buffer } {
  const leaving = new AbortController();
  const chunks = [head];
  let size = head.length;
  const leave = () => {
    leaving.abort();
    socket.destroy();
  };
  const keep = (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostAhead) leave();
  };
  socket.on("data", keep);
  socket.on("end", leave);
  socket.on("close", leave);
  return {
    gone: leaving.signal,
    release: () => {
      socket.pause();
      socket.off("data", keep);
      socket.off("end", leave);
      return Buffer.concat(chunks);
    },
  };
}
