import type { Duplex } from "node:stream";
import type { DataPlane } from "./data-plane/data-plane.ts";

/** Where all who use the lab from outside come from: TEST-NET-2. https://www.rfc-editor.org/rfc/rfc5737 */
export const callerAddress = "198.51.100.7";

/** What a CONNECT asks for, as written. */
export interface Target {
  host: string;
  port: number;
}

/**
 * A data plane behind the fence of the lab's outside world: only the lab's public addresses (TEST-NET-3, 203.0.113.0/24, in
 * plain dotted form) go on to it; a name, any other address or another spelling is 403 at once. Nothing is looked up and no
 * socket to anywhere is opened here. Every data plane is made with it, so that none can be reached around it.
 */
export function fenced(plane: DataPlane): DataPlane {
  return {
    ...plane,
    connect: (world, target, socket, head) => {
      // The client may go away at any time; "close" follows, and whoever holds the socket cleans up then.
      socket.on("error", () => socket.destroy());
      if (isLabAddress(target.host)) plane.connect(world, target, socket, head);
      else refuse(socket, 403, "this proxy reaches the lab's public addresses only (203.0.113.0/24)");
    },
  };
}

/** Strict on purpose: what another parser might read as a different address is not read at all. */
export function isLabAddress(host: string): boolean {
  const last = /^203\.0\.113\.(0|[1-9]\d{0,2})$/.exec(host)?.[1];
  return last !== undefined && Number(last) <= 255;
}

const reasons: Readonly<Record<number, string>> = {
  403: "Forbidden",
  502: "Bad Gateway",
  504: "Gateway Timeout",
};

/** Answers instead of connecting, and closes. The reason is a header, for programs, and the body, for people. */
export function refuse(socket: Duplex, status: 403 | 502 | 504, reason: string): void {
  const body = `${reason}\n`;
  const answer = [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    `X-Peerctl-Reason: ${reason}`,
    "Content-Type: text/plain",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
  // Nothing more is wanted of the client, and it may not keep the socket by not closing its end.
  socket.end(answer, () => socket.destroy());
  socket.resume();
}

/** Answers that the connection stands, and puts back what the client sent ahead, for the one who reads on. */
export function establish(socket: Duplex, head: Buffer): void {
  socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
  if (head.length > 0) socket.unshift(head);
}
