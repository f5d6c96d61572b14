import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type Clock, systemClock } from "../../src/clock.ts";
import { modelDataPlane } from "../../src/lab/data-plane/model.ts";
import { instant } from "../../src/lab/profile.ts";
import { startLab } from "../../src/lab/server.ts";
import { exec, keyPair, outside } from "../lab/data-plane/outside.ts";
import { publicAddress, tutorialWorld } from "../lab/data-plane/tutorial-world.ts";

/** Who sends slowly, and never hangs up: the lab answers others meanwhile, and drops the slow one. */

const patience = { headers: 200, request: 400 };
const many = 40;

const call = "Action=DescribeVpcs&Version=2016-11-15";
const scope =
  "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=00";
const request = `POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${scope}\r\nContent-Length: ${call.length}\r\n\r\n${call}`;

const slow: [what: string, atOnce: string, drip: string][] = [
  ["sends nothing at all", "", ""],
  ["sends its headers letter by letter", "", request],
  ["sends headers without end", "GET / HTTP/1.1\r\nHost: localhost\r\n", "X-Y: z\r\n".repeat(1000)],
  [
    "sends a CONNECT letter by letter",
    "",
    "CONNECT 203.0.113.9:22 HTTP/1.1\r\nHost: x\r\nX-Long: yes\r\n\r\n",
  ],
  ["sends its body letter by letter", request.slice(0, -call.length), call],
  ["announces a body that never comes", request.slice(0, -call.length), ""],
  [
    "sends chunks without end",
    `POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${scope}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    "1\r\nx\r\n".repeat(1000),
  ],
];

test.each(slow)("of the lab's port: one that %s", async (_what, atOnce, drip) => {
  const lab = await startLab({
    profile: instant,
    seed: 1,
    clock: systemClock,
    dataPlane: modelDataPlane({ clock: systemClock }),
    patience,
  });
  onTestFinished(() => lab.stop());
  const clients = Array.from({ length: many }, () => dripping(lab.port, atOnce, drip));
  onTestFinished(() => {
    for (const { socket } of clients) socket.destroy();
  });
  const all = Promise.all(clients.map(({ dropped }) => dropped)).then(() => "dropped");
  let answered = 0;
  for (;;) {
    const answer = await fetch(lab.url, {
      method: "POST",
      headers: { authorization: scope, "content-type": "application/x-www-form-urlencoded" },
      body: call,
      signal: AbortSignal.timeout(2000),
    });
    expect(answer.status).toBe(200);
    await answer.text();
    answered += 1;
    if ((await Promise.race([all, pause(20, "still there")])) === "dropped") break;
  }
  expect(answered).toBeGreaterThan(2);
});

test("of an instance's port 22: who does not log in is cut off after sshd's two minutes, and no other", async () => {
  const key = keyPair();
  const world = tutorialWorld(Date.now());
  world.pushedKeys.set("i-1", [{ user: "ec2-user", key: key.public, until: Number.POSITIVE_INFINITY }]);
  /** Who waits for the two minutes to pass. */
  const grace = new Set<() => void>();
  const clock: Clock = {
    now: () => Date.now(),
    sleep: (ms, signal) => {
      if (ms !== 120_000) return systemClock.sleep(ms, signal);
      return new Promise((resolve, reject) => {
        grace.add(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    },
  };
  const plane = modelDataPlane({ clock });
  plane.apply(world);
  const lab = await outside(plane, world);
  onTestFinished(() => lab.close());
  const ssh = `${publicAddress}:22`;
  const first = await lab.login(ssh, { username: "ec2-user", privateKey: key.private });

  const drips = ["", "S", "SSH-2.0-x\r\n", "SSH-2.0-x\r\n\u0000\u0000\u0001"];
  const slow = await Promise.all(
    Array.from({ length: many }, async (_, n) => {
      const { socket } = (await lab.connect(ssh))!;
      socket.resume();
      socket.write(drips[n % drips.length]!);
      return socket;
    }),
  );
  const closed = slow.map((socket) => new Promise<void>((resolve) => socket.once("close", resolve)));
  for (let n = 0; n < 5; n += 1) {
    const client = await lab.login(ssh, { username: "ec2-user", privateKey: key.private });
    expect(await exec(client, "echo well")).toMatchObject({ out: "well\n" });
    client.end();
  }
  for (const pass of grace) pass();
  await Promise.all(closed);
  expect(await exec(first, "echo still")).toMatchObject({ out: "still\n" });
  first.end();
});

/** A client that sends this at once and that a letter at a time, and that does not hang up when the server does. */
function dripping(port: number, atOnce: string, drip: string): { socket: Socket; dropped: Promise<void> } {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.resume();
  if (atOnce) socket.write(atOnce);
  let sent = 0;
  let isOver = false;
  const timer = setInterval(() => {
    if (!socket.writable) return;
    if (sent < drip.length) socket.write(drip[sent++]!);
    // What is sent to a connection that is gone is answered by a reset; one that is half open would take it.
    else if (isOver) socket.write(" ");
  }, 15);
  socket.on("end", () => {
    isOver = true;
  });
  socket.on("error", () => socket.destroy());
  const dropped = new Promise<void>((resolve) => {
    socket.once("close", () => {
      clearInterval(timer);
      resolve();
    });
  });
  return { socket, dropped };
}
