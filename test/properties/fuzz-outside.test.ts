import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import type { Client, ClientChannel } from "ssh2";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { modelDataPlane } from "../../src/lab/data-plane/model.ts";
import { instant } from "../../src/lab/profile.ts";
import { startLab } from "../../src/lab/server.ts";
import { connectThrough, exec, keyPair, login, outside } from "../lab/data-plane/outside.ts";
import { publicAddress, tutorialWorld } from "../lab/data-plane/tutorial-world.ts";
import { numRuns, seed } from "./fuzz-seed.ts";

/** What comes from outside: CONNECT to anywhere, and a client that has logged in and then does as it likes. */

const ssh = `${publicAddress}:22`;
const key = keyPair();
let lab: Awaited<ReturnType<typeof outside>>;
/** Listens where nobody may be led to. */
let canary: Server;
let sung = 0;
const warnings: string[] = [];
const note = (warning: Error) => warnings.push(warning.stack ?? warning.message);

beforeAll(async () => {
  const world = tutorialWorld(Date.now());
  world.pushedKeys.set("i-1", [{ user: "ec2-user", key: key.public, until: Number.POSITIVE_INFINITY }]);
  const plane = modelDataPlane({ clock: systemClock });
  plane.apply(world);
  lab = await outside(plane, world);
  canary = createServer((socket) => {
    sung++;
    socket.destroy();
  });
  canary.listen(0, "127.0.0.1");
  await once(canary, "listening");
  process.on("warning", note);
});

afterAll(async () => {
  process.off("warning", note);
  await lab.close();
  canary.close();
});

async function loggedIn(): Promise<Client> {
  const answer = await lab.connect(ssh);
  return login({ username: "ec2-user", privateKey: key.private, sock: answer!.socket });
}

async function expectWell(): Promise<void> {
  const client = await loggedIn();
  expect(await exec(client, "echo well")).toEqual({ out: "well\n", err: "", code: 0 });
  client.end();
  expect(warnings).toEqual([]);
}

test("CONNECT to anything at all: answered, and it leads nowhere where there is no instance", async () => {
  const whole = await startLab({
    profile: instant,
    seed: 1,
    clock: systemClock,
    dataPlane: modelDataPlane({ clock: systemClock }),
  });
  onTestFinished(() => whole.stop());
  const canaryPort = String((canary.address() as AddressInfo).port);
  const octet = fc.oneof(
    fc.nat({ max: 300 }).map(String),
    fc.constantFrom("", "0x7f", "0177", "00", "1e1", "-1"),
  );
  const host = fc.oneof(
    fc.constantFrom(
      "127.0.0.1",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "0",
      "2130706433",
      "169.254.169.254",
    ),
    fc.tuple(octet, octet, octet, octet).map((parts) => parts.join(".")),
    fc
      .tuple(
        fc.constantFrom("203.0.113.9", "203.0.113.9.", publicAddress),
        fc.constantFrom("@127.0.0.1", "#", "%00", ".localhost", "/x", ":80"),
      )
      .map((parts) => parts.join("")),
    fc.stringMatching(/^[!-~]{1,30}$/),
  );
  const port = fc.oneof(
    fc.constant(canaryPort),
    fc.constantFrom("22", "0", "65536", "-1", "", "22x", "0x16"),
  );
  await fc.assert(
    fc.asyncProperty(host, port, async (host, port) => {
      // An address of the lab's range that nobody has does not answer, as on the internet: that is waited for a moment only.
      const answer = await connectThrough(whole.port, `${host}:${port}`, 30).catch((error: Error) => error);
      if (answer === undefined || answer instanceof Error) return;
      answer.socket.destroy();
      expect([400, 403, 502, 504]).toContain(answer.status);
    }),
    { seed, numRuns: numRuns * 2 },
  );
  expect(sung).toBe(0);
  expect((await fetch(`${whole.url}/_lab/health`)).status).toBe(200);
  expect(warnings).toEqual([]);
});

const word = fc.oneof(
  fc.constantFrom(
    "ping",
    "ip",
    "echo",
    "exit",
    "sleep",
    "cat",
    "hostname",
    "-c",
    "-i",
    "1",
    "0.001",
    "10.2.0.10",
    "route",
    "|",
    "&&",
    ";",
    ">",
    "$(",
    "`",
    "'",
    '"',
    "\\",
    "*",
    "-999999999999",
    "\u0000",
    "\u001b[2J",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const command = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));

test("any command line ends, or can be ended, and the connection goes on", async () => {
  const client = await loggedIn();
  await fc.assert(
    fc.asyncProperty(command, fc.boolean(), async (line, pty) => {
      let channel: ClientChannel | undefined;
      const ended = exec(
        client,
        line,
        (opened) => {
          channel = opened;
          channel.on("error", () => {});
        },
        pty,
      ).catch(() => undefined);
      if ((await Promise.race([ended, pause(20, "late")])) !== "late") return;
      channel?.signal("KILL");
      channel?.close();
      await ended;
    }),
    { seed, numRuns },
  );
  expect(await exec(client, "echo still")).toMatchObject({ out: "still\n" });
  client.end();
  await expectWell();
});

type Wish = (client: Client, done: (error?: Error, channel?: ClientChannel) => void) => unknown;
const typed = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const wish: fc.Arbitrary<Wish> = fc.oneof(
  typed.map(
    (bytes): Wish =>
      (client, done) =>
        client.shell({ rows: bytes.length, cols: 0, term: bytes.toString("latin1") }, (error, channel) => {
          channel?.write(bytes);
          done(error, channel);
        }),
  ),
  fc.string().map(
    (name): Wish =>
      (client, done) =>
        client.subsys(name, done),
  ),
  fc.constant<Wish>((client, done) => client.sftp((error) => done(error))),
  fc.nat({ max: 70_000 }).map(
    (port): Wish =>
      (client, done) =>
        client.forwardOut("127.0.0.1", 1, "127.0.0.1", port, done),
  ),
  fc.nat({ max: 65_535 }).map(
    (port): Wish =>
      (client, done) =>
        client.forwardIn("127.0.0.1", port, (error) => done(error)),
  ),
  fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }).map(
    (env): Wish =>
      (client, done) =>
        client.exec("echo x", { env }, done),
  ),
  fc.constant<Wish>((client, done) => client.exec("echo x", { x11: true } as never, done)),
);

test("shells, subsystems, forwards and environments of any kind: served or refused, and nobody is led out", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 5 }), async (wishes) => {
      const client = await loggedIn();
      const closed = once(client, "close");
      const answers = wishes.map(
        (ask) =>
          new Promise<void>((resolve) => {
            try {
              ask(client, (_error, channel) => {
                channel?.on("error", () => {});
                resolve();
              });
            } catch {
              // ssh2 itself takes no such port.
              resolve();
            }
          }),
      );
      await Promise.race([Promise.all(answers), closed, pause(200)]);
      client.end();
      client.destroy();
      await closed;
    }),
    { seed, numRuns: Math.ceil(numRuns / 3) },
  );
  expect(sung).toBe(0);
  await expectWell();
});

test("any name and any other key is refused", async () => {
  const stranger = keyPair().private;
  const user = fc.oneof(fc.constantFrom("root", "ec2-user", "__proto__", ""), fc.string({ maxLength: 30 }));
  const how = fc.oneof(
    fc.constant({ privateKey: stranger }),
    fc.string({ maxLength: 20 }).map((password) => ({ password })),
    fc.constant({ password: "x", tryKeyboard: true }),
  );
  await fc.assert(
    fc.asyncProperty(user, how, async (username, secret) => {
      await expect(lab.login(ssh, { username, ...secret })).rejects.toThrow();
    }),
    { seed, numRuns: Math.ceil(numRuns / 3) },
  );
  await expect(lab.login(ssh, { username: "root", privateKey: key.private })).rejects.toThrow();
  await expectWell();
});
