import { once } from "node:events";
import { connect, type Socket } from "node:net";
import ssh2, { type ClientChannel } from "ssh2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { modelDataPlane } from "../../../src/lab/data-plane/model.ts";
import { seededIds } from "../../../src/lab/ids.ts";
import { manualClock } from "./manual-clock.ts";
import { exec, keyPair, outside } from "./outside.ts";
import { publicAddress, tutorialWorld } from "./tutorial-world.ts";

const ssh = `${publicAddress}:22`;
const key = keyPair();
const clock = manualClock();
const random = seededIds(99).number;

let lab: Awaited<ReturnType<typeof outside>>;

beforeEach(async () => {
  const world = tutorialWorld(clock.now());
  world.pushedKeys.set("i-1", [{ user: "ec2-user", key: key.public, until: Number.POSITIVE_INFINITY }]);
  const plane = modelDataPlane({ clock });
  plane.apply(world);
  lab = await outside(plane, world);
});
afterEach(() => lab.close());

const loggedIn = () => lab.login(ssh, { username: "ec2-user", privateKey: key.private });

/** The lab is well when somebody else can still work on it. */
async function expectWell(): Promise<void> {
  const client = await loggedIn();
  expect(await exec(client, "echo well")).toEqual({ out: "well\n", err: "", code: 0 });
  client.end();
}

const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => random(256)));
const packet = (length: number, body: Buffer) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length >>> 0);
  head[4] = 4;
  return Buffer.concat([head, body]);
};

const openings: { name: string; bytes: Buffer }[] = [
  { name: "no SSH at all", bytes: Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n") },
  { name: "noise", bytes: noise(4000) },
  {
    name: "an identification without end",
    bytes: Buffer.concat([Buffer.from("SSH-2.0-"), Buffer.alloc(300_000, 65)]),
  },
  { name: "SSH 1", bytes: Buffer.from("SSH-1.5-old\r\n") },
  {
    name: "noise after the identification",
    bytes: Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), noise(4000)]),
  },
  {
    name: "a packet of four gigabytes",
    bytes: Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), packet(0xffffffff, noise(64))]),
  },
  { name: "a packet of nothing", bytes: Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), packet(0, noise(64))]) },
  { name: "lines without end before it", bytes: Buffer.from("hello\r\n".repeat(20_000)) },
];

test.each(openings)("$name in place of a handshake", async ({ bytes }) => {
  const answer = await lab.connect(ssh);
  const socket = answer!.socket;
  socket.resume();
  const closed = once(socket, "close");
  socket.end(bytes);
  await closed;
  await expectWell();
});

const partings: { name: string; by: (socket: Socket) => void }[] = [
  { name: "resets", by: (socket) => socket.resetAndDestroy() },
  { name: "closes", by: (socket) => socket.destroy() },
  { name: "closes its half", by: (socket) => socket.end() },
];

test.each(partings)(
  "a client that $name after the answer, and one that does so while it waits",
  async ({ by }) => {
    by((await lab.connect(ssh))!.socket);
    const waiting = connect(lab.port, "127.0.0.1");
    waiting.on("error", () => waiting.destroy());
    waiting.write("CONNECT 203.0.113.99:22 HTTP/1.1\r\nHost: x\r\n\r\n");
    await clock.asleep();
    waiting.resume();
    const closed = new Promise((resolve) => waiting.once("close", resolve));
    by(waiting);
    await closed;
    await expectWell();
  },
);

test("a client that talks while it waits is heard up to a bound", async () => {
  const waiting = connect(lab.port, "127.0.0.1");
  waiting.on("error", () => waiting.destroy());
  waiting.resume();
  waiting.write("CONNECT 203.0.113.99:22 HTTP/1.1\r\nHost: x\r\n\r\n");
  const closed = new Promise((resolve) => waiting.once("close", resolve));
  waiting.write(Buffer.alloc(400_000));
  await closed;
  await expectWell();
});

test("more sessions than sshd gives are refused, the connection goes on", async () => {
  const client = await loggedIn();
  const open = () =>
    new Promise<ClientChannel | undefined>((resolve) => {
      client.exec("sleep 1000", (error, channel) => resolve(error ? undefined : channel));
    });
  const channels = await Promise.all(Array.from({ length: 25 }, open));
  expect(channels.filter(Boolean)).toHaveLength(10);
  const first = channels.find(Boolean)!;
  const closed = once(first, "close");
  first.resume();
  first.signal("KILL");
  await closed;
  expect(await exec(client, "echo again")).toMatchObject({ out: "again\n" });
  client.end();
});

test("nothing but sessions: no forwarding, no SFTP, no agent", async () => {
  const client = await loggedIn();
  const refused = (ask: (done: (error?: Error) => void) => void) =>
    new Promise<string | undefined>((resolve) => ask((error) => resolve(error?.message)));
  expect(await refused((done) => client.forwardOut("127.0.0.1", 1, "127.0.0.1", 22, done))).toMatch(
    /open failure/,
  );
  expect(await refused((done) => client.forwardIn("127.0.0.1", 0, done))).toMatch(/Unable to bind/);
  expect(await refused((done) => client.openssh_forwardOutStreamLocal("/var/run/docker.sock", done))).toMatch(
    /./,
  );
  expect(await refused((done) => client.sftp(done))).toMatch(/subsystem/);
  expect(await exec(client, "echo fine")).toMatchObject({ out: "fine\n" });
  client.end();
});

test("a script's line without end is refused, and what is printed waits for its reader", async () => {
  const client = await loggedIn();
  const shell = () =>
    new Promise<ClientChannel>((resolve, reject) => {
      client.shell(false, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  const long = await shell();
  long.stderr.resume();
  long.resume();
  long.write("x".repeat(200_000));
  expect((await once(long, "exit"))[0]).toBe(2);

  const flood = await shell();
  const line = `echo ${"y".repeat(60_000)}\n`;
  for (let sent = 0; sent < 100; sent += 1) flood.write(line);
  flood.end("exit 3\n");
  let read = 0;
  const code = once(flood, "exit");
  flood.on("data", (bytes: Buffer) => {
    read += bytes.length;
  });
  expect((await code)[0]).toBe(3);
  expect(read).toBe(100 * 60_001);
  client.end();
});

test("a terminal that types without reading is held back, and the lab goes on", async () => {
  const client = await loggedIn();
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({}, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  channel.pause();
  channel.write(`echo ${"z".repeat(1000)}\r`.repeat(2000));
  await expectWell();
  channel.resume();
  channel.write("\x03exit 5\r");
  const [code] = await once(channel, "exit");
  expect(code).toBe(5);
  client.end();
});

test("failed logins end the connection as sshd ends it", async () => {
  const answer = await lab.connect(ssh);
  const tried: string[] = [];
  const wrong = keyPair().private;
  const client = new ssh2.Client();
  const closed = once(client, "close");
  client.on("error", (error) => tried.push(error.message));
  let attempts = 0;
  client.connect({
    sock: answer!.socket,
    username: "ec2-user",
    authHandler: (_left, _partial, next) => {
      attempts += 1;
      next({ type: "publickey", username: "ec2-user", key: wrong });
    },
  });
  await closed;
  expect(attempts).toBe(6);
  await expectWell();
});
