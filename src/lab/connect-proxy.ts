import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { DataPlane } from "./data-plane/data-plane.ts";
import type { World } from "./world.ts";

/** Where all who use the lab from outside come from: TEST-NET-2. https://www.rfc-editor.org/rfc/rfc5737 */
export const callerAddress = "198.51.100.7";

/** An address and port that a CONNECT asks for, as written. */
export interface Target {
  host: string;
  port: number;
}

/**
 * The lab's outside world: a handler for the HTTP server's "connect". It is the fence, for every data plane: only the lab's
 * public addresses (TEST-NET-3, 203.0.113.0/24, in plain dotted form) go on to the plane; a name, any other address or
 * another spelling is 403 at once. Nothing is looked up and no socket to anywhere is ever opened.
 */
export function connectProxy(plane: DataPlane, world: World) {
  return (request: Pick<IncomingMessage, "url">, socket: Duplex, head: Buffer): void => {
    // The client may go away at any time; "close" follows, and whoever holds the socket cleans up then.
    socket.on("error", () => socket.destroy());
    const target = targetOf(request.url ?? "");
    if (!target) refuse(socket, 400, "CONNECT takes ADDRESS:PORT");
    else if (!isLabAddress(target.host)) {
      refuse(socket, 403, "this proxy reaches the lab's public addresses only (203.0.113.0/24)");
    } else plane.connect(world, target, socket, head);
  };
}

/** `host:port` with a port from 1 to 65535; undefined for anything else. */
export function targetOf(authority: string): Target | undefined {
  const parts = /^([^\s/]+):([1-9]\d{0,4})$/.exec(authority);
  if (!parts) return undefined;
  const port = Number(parts[2]);
  return port <= 65535 ? { host: parts[1]!, port } : undefined;
}

/** Strict on purpose: what another parser might read as a different address is not read at all. */
export function isLabAddress(host: string): boolean {
  const last = /^203\.0\.113\.(0|[1-9]\d{0,2})$/.exec(host)?.[1];
  return last !== undefined && Number(last) <= 255;
}

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  502: "Bad Gateway",
  504: "Gateway Timeout",
};

/** Answers instead of connecting, and closes. The reason is a header, for programs, and the body, for people. */
export function refuse(socket: Duplex, status: 400 | 403 | 502 | 504, reason: string): void {
  const body = `${reason}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${reasons[status]}`,
      `X-Peerctl-Reason: ${reason}`,
      "Content-Type: text/plain",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
  // What is still sent is of no interest, but an unread socket never closes.
  socket.resume();
}

/** Answers that the connection stands, and puts back what the client sent ahead, for the one who reads on. */
export function establish(socket: Duplex, head: Buffer): void {
  socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
  if (head.length > 0) socket.unshift(head);
}
