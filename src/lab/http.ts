import type { IncomingMessage, ServerResponse } from "node:http";
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
