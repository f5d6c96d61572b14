import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { dial } from "../../src/ssh/dial.ts";
import type { SshError, SshFailure } from "../../src/ssh/error.ts";
import { type Answer, startProxy } from "./support/proxy.ts";
import { listen } from "./support/sshd.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const never = new AbortController().signal;

async function server(
  onConnection: Parameters<typeof listen>[0] = (socket) => socket.write("SSH-2.0-x\r\n"),
) {
  const listening = await listen(onConnection);
  closers.push(listening.close);
  return listening;
}

async function proxy(answer: Answer) {
  const started = await startProxy(answer);
  closers.push(started.close);
  return started;
}

async function closedPort(): Promise<number> {
  const { port, close } = await listen(() => {});
  await close();
  return port;
}

const failure = (promise: Promise<unknown>): Promise<SshError> =>
  promise.then(
    () => expect.fail("it did not fail"),
    (error) => error,
  );

describe("directly", () => {
  test("connects, and reads what the server says first", async () => {
    const { port } = await server();
    const socket = await dial({ host: "127.0.0.1", port, signal: never, timeoutMs: 1000 });
    closers.push(() => socket.destroy());
    const [banner] = await once(socket, "data");
    expect(String(banner)).toBe("SSH-2.0-x\r\n");
  });

  test("a connection that breaks before it is used is destroyed, and ends nothing else", async () => {
    const accepted: Socket[] = [];
    const { port } = await server((socket) => accepted.push(socket));
    const socket = await dial({ host: "127.0.0.1", port, signal: never, timeoutMs: 1000 });
    while (accepted.length === 0) await new Promise(setImmediate);
    accepted[0]!.resetAndDestroy();
    // once() of "close" alone would listen for errors too, and hide what this test is about.
    await new Promise((resolve) => socket.on("close", resolve));
    expect(socket.destroyed).toBe(true);
  });

  test("a closed port is refused", async () => {
    const port = await closedPort();
    const error = await failure(dial({ host: "127.0.0.1", port, signal: never, timeoutMs: 1000 }));
    expect(error).toMatchObject({ kind: "refused", message: `127.0.0.1:${port} refuses the connection` });
  });

  test("a name that does not exist is unreachable", async () => {
    const error = await failure(dial({ host: "x.invalid", port: 22, signal: never, timeoutMs: 5000 }));
    expect(error.kind).toBe("unreachable");
    expect(error.remedy).toContain("name resolution");
  });

  test("an abort ends it with the signal's reason", async () => {
    const { port } = await server();
    const gone = AbortSignal.abort(new Error("stop"));
    const error = await failure(dial({ host: "127.0.0.1", port, signal: gone, timeoutMs: 1000 }));
    expect(error.message).toBe("stop");
  });
});

describe("through a proxy", () => {
  const refusals: { answer: Answer; kind: SshFailure; says: string }[] = [
    { answer: "403 Forbidden", kind: "proxy", says: "403 Forbidden" },
    { answer: "407 Proxy Authentication Required", kind: "proxy", says: "407" },
    { answer: "405 Method Not Allowed", kind: "proxy", says: "405" },
    { answer: "502 Bad Gateway", kind: "refused", says: "refuses the connection" },
    { answer: "503 Service Unavailable", kind: "refused", says: "refuses the connection" },
    { answer: "504 Gateway Timeout", kind: "silent", says: "did not answer" },
    { answer: "silence", kind: "silent", says: "did not answer within 0.05 s" },
  ];
  test.each(refusals)("$answer -> $kind", async ({ answer, kind, says }) => {
    const { url } = await proxy(answer);
    const timeoutMs = answer === "silence" ? 50 : 5000;
    const error = await failure(
      dial({ host: "203.0.113.5", port: 22, proxy: url, signal: never, timeoutMs }),
    );
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(says);
    expect(error.message).toContain("203.0.113.5:22");
  });

  test("nothing of the server's first words is lost", async () => {
    const { port } = await server((socket) => {
      socket.write("first ");
      socket.on("data", (data) => socket.end(data));
    });
    const { url, asked } = await proxy({ connect: port });
    const socket = await dial({ host: "203.0.113.5", port: 22, proxy: url, signal: never, timeoutMs: 5000 });
    socket.write("second");
    let read = "";
    for await (const chunk of socket) read += chunk;
    expect(read).toBe("first second");
    expect(asked).toEqual([{ target: "203.0.113.5:22", authorization: undefined }]);
  });

  test("user and password of the URL are the proxy's, IPv6 goes in brackets", async () => {
    const { url, asked } = await proxy("403 Forbidden");
    url.username = "me";
    url.password = "p:@ss";
    await failure(dial({ host: "2001:db8::1", port: 22, proxy: url, signal: never, timeoutMs: 5000 }));
    const authorization = `Basic ${Buffer.from("me:p:@ss").toString("base64")}`;
    expect(asked).toEqual([{ target: "[2001:db8::1]:22", authorization }]);
  });

  test("a proxy that is not there is the proxy's failure, and its password is not told", async () => {
    const url = new URL(`http://me:secret@127.0.0.1:${await closedPort()}`);
    const error = await failure(dial({ host: "h", port: 22, proxy: url, signal: never, timeoutMs: 5000 }));
    expect(error.kind).toBe("proxy");
    expect(`${error.message} ${error.remedy}`).not.toContain("secret");
  });

  test("a proxy that speaks no HTTP is the proxy's failure", async () => {
    const { port } = await server();
    const url = new URL(`http://127.0.0.1:${port}`);
    const error = await failure(dial({ host: "h", port: 22, proxy: url, signal: never, timeoutMs: 5000 }));
    expect(error.kind).toBe("proxy");
  });

  test("an abort ends a silent try at once, and leaves no connection", async () => {
    let closed: Promise<unknown> | undefined;
    const { port } = await server((socket) => {
      closed = once(socket, "close");
      socket.resume();
      abort.abort(new Error("stop"));
    });
    const abort = new AbortController();
    const url = new URL(`http://127.0.0.1:${port}`);
    const error = await failure(
      dial({ host: "h", port: 22, proxy: url, signal: abort.signal, timeoutMs: 60_000 }),
    );
    expect(error.message).toBe("stop");
    await closed;
  });

  test("only http proxies are taken", async () => {
    const proxy = new URL("socks5://127.0.0.1:1");
    const error = await failure(dial({ host: "h", port: 22, proxy, signal: never, timeoutMs: 1 }));
    expect(error.message).toContain("not an http:// one");
  });
});
