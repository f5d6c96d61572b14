import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { callerAddress } from "../../src/commands/caller-address.ts";
import { hurriedClock } from "../support/hurried-clock.ts";

/** A server that answers every request with `body`. */
async function answering(body: string): Promise<string> {
  const server = createServer((_request, response) => response.end(body));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const signal = () => new AbortController().signal;

test("one line of text, as checkip answers it", async () => {
  expect(await callerAddress(await answering("198.51.100.7\n"), hurriedClock(), signal())).toBe(
    "198.51.100.7",
  );
});

test.each(["<html>sign in</html>", "2001:db8::1", "", "10.0.0.1.5"])(
  "%j is no address: the remedy is to name one",
  async (body) => {
    await expect(callerAddress(await answering(body), hurriedClock(), signal())).rejects.toMatchObject({
      message: expect.stringContaining("answered with no IPv4 address"),
      remedy: "name the addresses that may connect: --ssh-from CIDR",
    });
  },
);

test("nobody there", async () => {
  await expect(callerAddress("http://127.0.0.1:1/", hurriedClock(), signal())).rejects.toMatchObject({
    message: expect.stringMatching(
      /^cannot find out this machine's public address from http:\/\/127\.0\.0\.1:1\//,
    ),
  });
});

test("a connection that breaks is tried again", async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    if (asked < 3) request.socket.destroy();
    else response.end("198.51.100.7\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  expect(await callerAddress(url, hurriedClock(), signal())).toBe("198.51.100.7");
  expect(asked).toBe(3);
});

test("Ctrl-C is no failure to find out", async () => {
  const controller = new AbortController();
  const cause = new Error("interrupted");
  controller.abort(cause);
  await expect(
    callerAddress(await answering("198.51.100.7"), hurriedClock(), controller.signal),
  ).rejects.toBe(cause);
});
