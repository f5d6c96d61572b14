import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Delivered } from "./endpoint.ts";
import { Ec2Error } from "./error.ts";

/** More than any EC2 request needs; RunInstances' user data is 16 KiB at most. */
const mostBytes = 1024 * 1024;

/** The request's body as text. Throws Ec2Error (413) past 1 MiB, and stops reading there. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) {
      throw new Ec2Error("RequestEntityTooLarge", `The request is larger than ${mostBytes} bytes`, 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * Why a request must come from a browser's page or a foreign name (DNS rebinding), and so gets nothing: the lab trusts
 * whoever can reach its port, and a web page must not be among them. Undefined where all is well.
 */
export function refusal({ headers }: IncomingMessage): string | undefined {
  if (headers.origin !== undefined) return "requests from web pages are not taken";
  const host = (headers.host ?? "").replace(/:\d*$/, "");
  const isLoopback = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(host);
  return isLoopback ? undefined : "the Host header does not name this machine's loopback";
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  // Encoded once: as a string Node would encode it anew for the length and again, slower, for the socket.
  const bytes = Buffer.from(body);
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length, ...headers });
  response.end(bytes);
}

/** The path and query of a request. Throws Ec2Error where they are malformed. */
export function locate(url: string): URL {
  try {
    return new URL(url, "http://127.0.0.1");
  } catch {
    throw new Ec2Error("InvalidRequest", "the request's target is malformed");
  }
}

/** `host:port` as a client of CONNECT sends it; IPv6 hosts in brackets. */
export function targetOf(authority: string): { host: string; port: number } | undefined {
  const [, host, digits] = /^(.+):(\d{1,5})$/.exec(authority) ?? [];
  const port = Number(digits);
  return host && port >= 1 && port <= 65535 ? { host, port } : undefined;
}

/** Sends what the endpoint answers, as whole as its fault lets it. */
export function deliver(response: ServerResponse, outcome: Delivered): void {
  if (outcome === "drop") return void response.destroy();
  const { reply, requestId, spoil } = outcome;
  const headers = { "x-amzn-requestid": requestId };
  if (spoil !== "truncated") {
    const body = spoil === "garbage" ? "\u0000\u0007 no answer <<<" : reply.body;
    send(response, reply.status, reply.contentType, body, headers);
    return;
  }
  const whole = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    "content-type": reply.contentType,
    "content-length": whole.length,
    ...headers,
  });
  response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
}

/** Ends a connection that is no request. Its client may not keep it by not closing its own end. */
export function cutOff(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
}

/** What went wrong outside of the API: said in plain text, and the connection is done with. */
export function refuseHttp(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (request.destroyed && !request.complete && !(error instanceof Ec2Error)) return void response.destroy();
  const { status, message } = error instanceof Ec2Error ? error : { status: 500, message: String(error) };
  if (response.headersSent) return void response.destroy();
  send(response, status, "text/plain", `${message}\n`, { connection: "close" });
}
