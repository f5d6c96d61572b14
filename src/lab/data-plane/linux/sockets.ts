import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { killGroup } from "./kill-group.ts";

/** Opens sockets in one namespace for this process, which is not in it: the kernel keeps a socket where it was made. */
export interface Sockets {
  /** A TCP server on every address of the namespace. Rejects with the system's error code, as a SocketError. */
  listen(port: number): Promise<Server>;
  /**
   * A TCP connection from `localAddress`; paused, so that nothing is lost. Rejects with a SocketError, and with the
   * signal's reason where that aborts; the attempt in the kernel then ends too.
   */
  connect(to: { host: string; port: number; localAddress: string }, signal: AbortSignal): Promise<Socket>;
  /** Whether there is anybody to ask; its process may be ended by the system. */
  isOpen(): boolean;
  close(): Promise<void>;
}

export class SocketError extends Error {
  override name = "SocketError";
  constructor(readonly code: string) {
    super(`the socket failed: ${code}`);
  }
}

/** The helper process is gone, and all that was asked of it. */
export const helperGone = "ECHILD";

/** Runs in the namespace; what it opens goes over Node's own channel between parent and child (SCM_RIGHTS). */
const program = `
const net = require("node:net");
const open = new Map();
process.on("disconnect", () => process.exit());
process.on("message", ({ id, listen, connect, abort }) => {
  if (abort) return open.get(id)?.destroy();
  const fail = (error) => process.send({ id, error: error.code || error.message });
  if (listen) {
    const server = net.createServer().on("error", fail);
    server.listen({ host: "0.0.0.0", port: listen }, () => process.send({ id }, server, () => server.close()));
    return;
  }
  const socket = new net.Socket({ allowHalfOpen: true }).on("error", fail);
  open.set(id, socket);
  socket.on("close", () => open.delete(id));
  socket.pause();
  socket.connect(connect, () => { open.delete(id); process.send({ id }, socket); });
});
`;

interface Answer {
  id: number;
  error?: string;
}

/** `enter` gives the command line that runs a command in the namespace. The process starts at once, in about 50 ms. */
export function openSockets(enter: (command: readonly string[]) => [string, ...string[]]): Sockets {
  // Handed over open: "nobody" may have no way to where Node is, such as a folder in root's home.
  const node = openSync(process.execPath, "r");
  const [command, ...args] = enter(["/proc/self/fd/4", "-e", program]);
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "ipc", node],
    env: { PATH: process.env.PATH ?? "" },
  });
  closeSync(node);
  const waiting = new Map<number, { resolve(handle: unknown): void; reject(error: Error): void }>();
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      for (const { reject } of waiting.values()) reject(new SocketError(helperGone));
      waiting.clear();
      resolve();
    };
    child.once("error", end);
    child.once("close", end);
  });
  child.on("message", ({ id, error }: Answer, handle: unknown) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (!asked) (handle as Socket | undefined)?.destroy();
    else if (error === undefined) asked.resolve(handle);
    else asked.reject(new SocketError(error));
  });
  let count = 0;
  const ask = <Handle>(question: object, signal?: AbortSignal) =>
    new Promise<Handle>((resolve, reject) => {
      count += 1;
      const id = count;
      const leave = () => {
        waiting.delete(id);
        tell(child, { id, abort: true });
        reject(signal?.reason);
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener("abort", leave, { once: true });
      const settle = () => signal?.removeEventListener("abort", leave);
      waiting.set(id, {
        resolve: (handle) => {
          settle();
          resolve(handle as Handle);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      if (!tell(child, { id, ...question })) waiting.get(id)?.reject(new SocketError(helperGone));
    });
  return {
    listen: (port) => ask<Server>({ listen: port }),
    connect: (to, signal) => ask<Socket>({ connect: to }, signal),
    isOpen: () => child.connected,
    close: async () => {
      // The whole group: what enters the namespaces waits for the program, and is not ended by a signal of its own.
      killGroup(child, "SIGKILL");
      await ended;
    },
  };
}

function tell(child: ChildProcess, message: object): boolean {
  if (!child.connected) return false;
  child.send(message, () => undefined);
  return true;
}
