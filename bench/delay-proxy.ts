import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A reverse proxy in front of `target` that holds each request back for `ms`: the distance to AWS. */
export async function delayProxy(
  target: string,
  ms: number,
): Promise<{ url: string; calls(): number; stop(): Promise<void> }> {
  let calls = 0;
  const { hostname, port } = new URL(target);
  const server: Server = createServer(async (incoming, outgoing) => {
    calls += 1;
    const { method, url: path, headers } = incoming;
    await sleep(ms);
    const forwarded = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
