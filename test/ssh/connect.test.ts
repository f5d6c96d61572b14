import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { connect } from "../../src/ssh/connect.ts";
import { dial } from "../../src/ssh/dial.ts";
import { waitForSsh } from "../../src/ssh/wait.ts";
import { listen, type Sshd, startSshd } from "./support/sshd.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const signal = new AbortController().signal;

function connecting(port: number, pushKey: (publicKey: string) => Promise<void>) {
  return connect({
    dial: () => dial({ host: "127.0.0.1", port, signal, timeoutMs: 2000 }),
    pushKey,
    username: "ec2-user",
    verifyHostKey: () => {},
    signal,
    readyTimeoutMs: 2000,
  });
}

test("each try brings a key of its own, and the session works", async () => {
  const sshd: Sshd = await startSshd({
    exec: (_command, channel) => {
      channel.exit(0);
      channel.end("pong");
    },
  });
  closers.push(sshd.close);
  const pushed: string[] = [];
  // The first key never reaches sshd, as happens early in a boot.
  const pushKey = async (publicKey: string) => {
    if (pushed.push(publicKey) > 1) sshd.allow(publicKey);
  };
  const kinds: string[] = [];
  const session = await waitForSsh({
    attempt: () => connecting(sshd.port, pushKey),
    clock: systemClock,
    signal,
    timeoutMs: 10_000,
    onProgress: ({ error }) => kinds.push(error.kind),
  });
  closers.push(() => session.close());
  expect(kinds).toEqual(["auth"]);
  expect(new Set(pushed).size).toBe(2);
  expect(pushed[0]).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+ peerctl$/);
  expect((await session.run("ping")).stdout).toBe("pong");
});

test("no key is pushed while the port is closed", async () => {
  const { port, close } = await listen(() => {});
  await close();
  let pushes = 0;
  const attempt = connecting(port, async () => void pushes++);
  await expect(attempt).rejects.toMatchObject({ kind: "refused" });
  expect(pushes).toBe(0);
});

test("a push that fails closes the connection", async () => {
  let closed: Promise<void> | undefined;
  const { port, close } = await listen((socket) => {
    socket.resume();
    closed = new Promise((resolve) => socket.on("close", () => resolve()));
  });
  closers.push(close);
  await expect(connecting(port, () => Promise.reject(new Error("denied")))).rejects.toThrow("denied");
  await closed;
});

test("a connection that dies while the key is pushed is refused at once", async () => {
  const accepted: Socket[] = [];
  const { port, close } = await listen((socket) => accepted.push(socket));
  closers.push(close);
  let dialled: Socket | undefined;
  const attempt = connect({
    dial: async () => {
      dialled = await dial({ host: "127.0.0.1", port, signal, timeoutMs: 2000 });
      return dialled;
    },
    pushKey: async () => {
      while (accepted.length === 0) await new Promise(setImmediate);
      accepted[0]!.resetAndDestroy();
      await new Promise((resolve) => dialled!.once("close", resolve));
    },
    username: "ec2-user",
    verifyHostKey: () => {},
    signal,
    readyTimeoutMs: 60_000,
  });
  await expect(attempt).rejects.toMatchObject({ kind: "refused" });
});
