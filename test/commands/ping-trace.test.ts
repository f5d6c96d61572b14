import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { traced, traceLines } from "../../src/commands/ping-trace.ts";

const instance = (n: number) => ({
  PrivateIpAddress: `10.${n}.0.4`,
  NetworkInterfaces: [
    { NetworkInterfaceId: `eni-${n}b`, PrivateIpAddress: `10.${n}.0.9` },
    { NetworkInterfaceId: `eni-${n}`, PrivateIpAddress: `10.${n}.0.4` },
  ],
});
const both = [instance(1), instance(2)] as const;

/** A lab that knows of traces alone, and what it was asked. */
async function labOf(answers: Record<string, { status: number; body: string }>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const { status, body } = answers[request.url!.split("?")[0]!]!;
    response.writeHead(status).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const leaving = new AbortController();
  return { asked, leaving, ctx: { sshProxy: new URL(`http://127.0.0.1:${port}`), signal: leaving.signal } };
}

const point = { leg: "request", kind: "router", id: "vpc-1", in: 2, out: 1 } as const;
const good = {
  "/_lab/trace/start": { status: 200, body: '{"trace":"t-1"}' },
  "/_lab/trace/stop": { status: 200, body: JSON.stringify({ points: [point] }) },
};
const asks = ["/_lab/trace/start?from=eni-1&to=eni-2", "/_lab/trace/stop?trace=t-1"];

test("asks by network interfaces, as addresses repeat, and for its own trace", async () => {
  const { asked, ctx } = await labOf(good);
  expect(await traced(ctx, both, async () => undefined)).toEqual([point]);
  expect(asked).toEqual(asks);
});

test("a ping that fails ends the trace too, and its error is told", async () => {
  const { asked, ctx } = await labOf(good);
  const broken = traced(ctx, both, async () => {
    throw new Error("the session broke");
  });
  await expect(broken).rejects.toThrow("the session broke");
  expect(asked).toEqual(asks);
});

test("so does Ctrl-C", async () => {
  const { asked, ctx, leaving } = await labOf(good);
  const broken = traced(ctx, both, async () => {
    leaving.abort(new Error("interrupted"));
    ctx.signal.throwIfAborted();
  });
  await expect(broken).rejects.toThrow("interrupted");
  expect(asked).toEqual(asks);
});

test("what the lab says of a trace that cannot be", async () => {
  const { ctx } = await labOf({ "/_lab/trace/start": { status: 409, body: "packets are not real here\n" } });
  await expect(traced(ctx, both, async () => undefined)).rejects.toThrow("packets are not real here");
  const outside = { ...ctx, sshProxy: undefined };
  await expect(traced(outside, both, async () => undefined)).rejects.toThrow("works in the lab only");
});

test("a line for each place, and where packets are dropped", () => {
  expect(traceLines([point, { ...point, leg: "reply", kind: "internet", out: 2 }])).toEqual([
    "  request  router of vpc-1: 2 in, 1 out  <- 1 dropped here",
    "  reply    the internet: 2 in, 2 out",
  ]);
});
