import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type ClientChannel, type ConnectConfig } from "ssh2";
import type { DataPlane } from "../../../src/lab/data-plane/data-plane.ts";
import type { World } from "../../../src/lab/world.ts";

/** An HTTP server that does what the lab's does with CONNECT, so that sockets and bytes are real. */
export async function outside(plane: DataPlane, world: World | (() => World)) {
  const server = createServer();
  server.on("connect", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const [host = "", port = ""] = incoming.url!.split(/:(?=\d+$)/);
    plane.connect(typeof world === "function" ? world() : world, { host, port: Number(port) }, socket, head);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    /** Asks for a connection; resolves with the answer, or undefined where none has come in `patience` ms. */
    connect: (authority: string, patience = 5000) => connectThrough(port, authority, patience),
    /** Logs in, or rejects with ssh2's error. */
    login: async (authority: string, config: ConnectConfig) => {
      const answer = await connectThrough(port, authority, 5000);
      if (answer?.status !== 200) throw new Error(`the proxy answered ${answer?.status}`);
      return login({ ...config, sock: answer.socket });
    },
    close: async () => {
      await plane.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Answer {
  status: number;
  reason: string | undefined;
  socket: Socket;
}

export function connectThrough(
  port: number,
  authority: string,
  patience: number,
): Promise<Answer | undefined> {
  const asking = request({ host: "127.0.0.1", port, method: "CONNECT", path: authority, agent: false });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      asking.destroy();
      resolve(undefined);
    }, patience);
    asking.on("connect", (response, socket, head) => {
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      socket.on("error", () => socket.destroy());
      resolve({
        status: response.statusCode!,
        reason: response.headers["x-peerctl-reason"] as string,
        socket,
      });
    });
    asking.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asking.end();
  });
}

/** A key pair of ed25519 that ssh2 itself can read: one in 256 that it makes, it cannot. */
export function keyPair(): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

export function login(config: ConnectConfig): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => {
      client.off("error", reject);
      client.on("error", () => client.end());
      resolve(client);
    });
    client.on("error", reject);
    client.once("close", () => reject(new Error("closed before it was ready")));
    client.connect(config);
  });
}

/** Runs a command; `onChannel` may type or send signals meanwhile. */
export function exec(
  client: ssh2.Client,
  command: string,
  onChannel?: (channel: ClientChannel) => void,
  pty = false,
) {
  return new Promise<{ out: string; err: string; code: number | null }>((resolve, reject) => {
    client.exec(command, { pty }, (error, channel) => {
      if (error) return reject(error);
      const result = { out: "", err: "", code: null as number | null };
      channel.on("data", (bytes: Buffer) => {
        result.out += bytes;
      });
      channel.stderr.on("data", (bytes: Buffer) => {
        result.err += bytes;
      });
      channel.on("exit", (code: number | null) => {
        result.code = code;
      });
      channel.on("close", () => resolve(result));
      onChannel?.(channel);
    });
  });
}
