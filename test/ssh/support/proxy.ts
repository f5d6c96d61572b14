import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

export interface Proxy {
  url: URL;
  /** The CONNECT requests so far. */
  asked: { target: string; authorization?: string }[];
  close(): Promise<void>;
}

/** What the proxy does with a CONNECT: an answer's first line, `connect` it to that port, or say nothing. */
export type Answer = string | { connect: number } | "silence";

/** An HTTP CONNECT proxy on a free port of the loopback. */
export async function startProxy(answer: Answer): Promise<Proxy> {
  const open = new Set<Duplex>();
  const asked: Proxy["asked"] = [];
  const server = createServer();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("error", () => {});
  });
  server.on("connect", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    asked.push({ target: request.url ?? "", authorization: request.headers["proxy-authorization"] });
    if (answer === "silence") return;
    if (typeof answer === "string") return client.end(`HTTP/1.1 ${answer}\r\n\r\n`);
    const upstream: Socket = connect(answer.connect, "127.0.0.1");
    open.add(upstream);
    upstream.on("error", () => client.destroy());
    // The far end's first bytes go into the packet with the answer: the client must not lose them.
    upstream.once("data", (first) => {
      client.write(Buffer.concat([Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n"), first]));
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { url: new URL(`http://127.0.0.1:${address.port}`), asked, close };
}
