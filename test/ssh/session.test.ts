import { once } from "node:events";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { dial } from "../../src/ssh/dial.ts";
import { fingerprint } from "../../src/ssh/host-keys.ts";
import { freshKey } from "../../src/ssh/key.ts";
import { openSession, type Session } from "../../src/ssh/session.ts";
import { startProxy } from "./support/proxy.ts";
import { type Behaviour, listen, startSshd } from "./support/sshd.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that lets `key` in, and what a test needs to open a session to it. */
async function serving(behaviour: Behaviour = {}) {
  const sshd = await startSshd(behaviour);
  closers.push(sshd.close);
  const key = freshKey();
  sshd.allow(key.publicKey);
  const abort = new AbortController();
  const options = {
    dial: () => dial({ host: "127.0.0.1", port: sshd.port, signal: abort.signal, timeoutMs: 2000 }),
    username: "ec2-user",
    privateKey: key.privateKey,
    verifyHostKey: () => {},
    signal: abort.signal,
    readyTimeoutMs: 5000,
  };
  return { sshd, abort, options };
}

async function opened(behaviour: Behaviour) {
  const { sshd, abort, options } = await serving(behaviour);
  const session: Session = await openSession(options);
  closers.push(() => session.close());
  return { sshd, abort, session };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it did not fail"),
    (error) => error,
  );

describe("opening", () => {
  test("the host key is shown to the verifier, which may take its time", async () => {
    const { sshd, options } = await serving();
    const seen: string[] = [];
    const verifyHostKey = async (key: Buffer) => {
      await new Promise(setImmediate);
      seen.push(fingerprint(key));
    };
    const session = await openSession({ ...options, verifyHostKey });
    expect(seen).toEqual([sshd.fingerprint]);
    session.close();
    await once(sshd.sockets[0]!, "close");
  });

  test("what the verifier throws is what the caller gets", async () => {
    const { options } = await serving();
    const no = new Error("not this host");
    const verifyHostKey = () => {
      throw no;
    };
    expect(await failure(openSession({ ...options, verifyHostKey }))).toBe(no);
  });

  test("a key that was not pushed", async () => {
    const { options } = await serving();
    const error = await failure(openSession({ ...options, privateKey: freshKey().privateKey }));
    expect(error).toMatchObject({ kind: "auth", message: expect.stringContaining("ec2-user") });
  });

  test("another user", async () => {
    const { options } = await serving();
    expect(await failure(openSession({ ...options, username: "root" }))).toMatchObject({ kind: "auth" });
  });

  test.each([
    { name: "closes at once", says: (socket: PassThrough) => socket.end() },
    {
      name: "speaks something else",
      says: (socket: PassThrough) => socket.end("220 smtp ready\r\n\r\n\r\n"),
    },
  ])("a server that $name", async ({ says }) => {
    const { port, close } = await listen((socket) => says(socket as unknown as PassThrough));
    closers.push(close);
    const { options, abort } = await serving();
    const error = await failure(
      openSession({
        ...options,
        dial: () => dial({ host: "127.0.0.1", port, signal: abort.signal, timeoutMs: 2000 }),
      }),
    );
    expect(error).toMatchObject({ kind: "refused" });
  });

  test("a server that says nothing is given up, and its connection closed", async () => {
    const gone: Promise<unknown>[] = [];
    const { port, close } = await listen((socket) => {
      socket.resume();
      gone.push(once(socket, "close"));
    });
    closers.push(close);
    const { options, abort } = await serving();
    const error = await failure(
      openSession({
        ...options,
        readyTimeoutMs: 30,
        dial: () => dial({ host: "127.0.0.1", port, signal: abort.signal, timeoutMs: 2000 }),
      }),
    );
    expect(error).toMatchObject({ kind: "refused", message: expect.stringContaining("Timed out") });
    await Promise.all(gone);
  });

  test("an abort in the handshake", async () => {
    const { options, abort } = await serving();
    const verifyHostKey = () => {
      abort.abort(new Error("stop"));
    };
    expect(await failure(openSession({ ...options, verifyHostKey }))).toMatchObject({ message: "stop" });
  });

  test("through an HTTP proxy", async () => {
    const { sshd, options, abort } = await serving({
      exec: (_command, channel) => {
        channel.exit(0);
        channel.end("hello");
      },
    });
    const proxy = await startProxy({ connect: sshd.port });
    closers.push(proxy.close);
    const session = await openSession({
      ...options,
      dial: () =>
        dial({ host: "203.0.113.5", port: 22, proxy: proxy.url, signal: abort.signal, timeoutMs: 2000 }),
    });
    closers.push(() => session.close());
    expect(await session.run("x")).toMatchObject({ code: 0, stdout: "hello" });
    expect(proxy.asked).toMatchObject([{ target: "203.0.113.5:22" }]);
  });
});

describe("run", () => {
  test("output, streams and exit code", async () => {
    const { session } = await opened({
      exec: (command, channel) => {
        channel.write(`ran ${command}\n`);
        channel.stderr.write("oops\n");
        channel.exit(3);
        channel.end();
      },
    });
    const chunks: string[] = [];
    const result = await session.run("a b", { onStdout: (chunk) => chunks.push(String(chunk)) });
    expect(result).toEqual({ code: 3, stdout: "ran a b\n", stderr: "oops\n" });
    expect(chunks.join("")).toBe("ran a b\n");
  });

  test("ended by a signal", async () => {
    const { session } = await opened({
      exec: (_command, channel) => {
        channel.exit("TERM");
        channel.end();
      },
    });
    expect(await session.run("x")).toMatchObject({ code: null, signal: "TERM" });
  });

  test("reads what it is given", async () => {
    const { session } = await opened({
      exec: (_command, channel) => {
        channel.on("end", () => {
          channel.exit(0);
          channel.end();
        });
        channel.on("data", (data: Buffer) => channel.write(String(data).toUpperCase()));
      },
    });
    const stdin = new PassThrough();
    stdin.end("abc");
    expect(await session.run("tr", { stdin })).toMatchObject({ code: 0, stdout: "ABC" });
    expect(await session.run("tr")).toMatchObject({ code: 0, stdout: "" });
  });

  test("several commands at once", async () => {
    const { session } = await opened({
      exec: (command, channel) => {
        channel.exit(Number(command));
        channel.end(command);
      },
    });
    const results = await Promise.all(["1", "2", "3"].map((command) => session.run(command)));
    expect(results.map(({ code, stdout }) => [code, stdout])).toEqual([
      [1, "1"],
      [2, "2"],
      [3, "3"],
    ]);
  });

  test("the connection breaks under it", async () => {
    const { session, sshd } = await opened({
      exec: (_command, channel) => {
        channel.write("half");
        setImmediate(() => sshd.sockets[0]!.destroy());
      },
    });
    const error = await failure(session.run("x"));
    expect(error).toMatchObject({ kind: "lost", message: expect.stringContaining("connection was lost") });
    expect(await failure(session.run("y"))).toMatchObject({ kind: "lost" });
  });

  test("the server ends it without a status", async () => {
    const { session } = await opened({ exec: (_command, channel) => void channel.close() });
    const error = await failure(session.run("x"));
    expect(error).toMatchObject({ kind: "lost", message: expect.stringContaining("without an exit status") });
  });

  test("the server takes no commands", async () => {
    const { session } = await opened({});
    expect(await failure(session.run("x"))).toMatchObject({
      kind: "lost",
      message: expect.stringContaining("could not be started"),
    });
  });

  test("its own abort ends it at once, and the connection goes on", async () => {
    const { session } = await opened({
      exec: (command, channel) => {
        if (command === "sleep") return void channel.write("asleep");
        channel.exit(0);
        channel.end();
      },
    });
    const abort = new AbortController();
    const onStdout = () => abort.abort(new Error("enough"));
    const error = await failure(session.run("sleep", { signal: abort.signal, onStdout }));
    expect(error).toMatchObject({ message: "enough" });
    expect(await session.run("true")).toMatchObject({ code: 0 });
    expect(await failure(session.run("true", { signal: abort.signal }))).toMatchObject({ message: "enough" });
  });

  test("the session's abort ends everything with its reason", async () => {
    const { session, abort, sshd } = await opened({ exec: (_command, channel) => void channel.write("x") });
    const onStdout = () => abort.abort(new Error("interrupted"));
    const closed = once(sshd.sockets[0]!, "close");
    expect(await failure(session.run("sleep", { onStdout }))).toMatchObject({ message: "interrupted" });
    await closed;
    expect(await failure(session.run("x"))).toMatchObject({ message: "interrupted" });
  });
});

describe("shell", () => {
  const terminal = () => {
    const raw: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (mode: boolean) => void raw.push(mode),
    });
    return { raw, stdin, stdout: new PassThrough(), term: "xterm", columns: 80, rows: 24 };
  };

  test("keys go in, text comes out, the window's size follows, the terminal is given back", async () => {
    const { session, sshd } = await opened({
      shell: (channel) => {
        channel.write("$ ");
        channel.on("data", (data: Buffer) => {
          if (String(data) !== "exit\r") return;
          channel.write("logout\r\n");
          channel.exit(7);
          channel.end();
        });
      },
    });
    const { raw, stdin, stdout, ...size } = terminal();
    let resize: (size: { columns: number; rows: number }) => void = () => expect.fail("no listener");
    let resizing = false;
    const shell = session.shell({
      stdin,
      stdout,
      ...size,
      onResize: (listener) => {
        resize = listener;
        resizing = true;
        return () => {
          resizing = false;
        };
      },
    });
    await once(stdout, "readable");
    expect(raw).toEqual([true]);
    resize({ columns: 132, rows: 50 });
    stdin.write("exit\r");
    expect(await shell).toBe(7);
    expect(String(stdout.read())).toBe("$ logout\r\n");
    expect(sshd.windows).toEqual([
      { cols: 80, rows: 24 },
      { cols: 132, rows: 50 },
    ]);
    expect(raw).toEqual([true, false]);
    expect(resizing).toBe(false);
    expect(stdout.writableEnded).toBe(false);
  });

  test("a lost connection gives the terminal back too", async () => {
    const { session, sshd } = await opened({ shell: () => setImmediate(() => sshd.sockets[0]!.destroy()) });
    const { raw, ...options } = terminal();
    expect(await failure(session.shell(options))).toMatchObject({ kind: "lost" });
    expect(raw).toEqual([true, false]);
  });
});
