import { once } from "node:events";
import type ssh2 from "ssh2";
import type { ClientChannel } from "ssh2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { modelDataPlane } from "../../../src/lab/data-plane/model.ts";
import { fingerprint, hostKeyOf, publicKeyOf } from "../../../src/lab/host-key.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { exec, keyPair, outside } from "./outside.ts";
import { allow, icmpFrom, publicAddress, tutorialWorld } from "./tutorial-world.ts";

const key = keyPair();
const other = keyPair();
const ssh = `${publicAddress}:22`;

let clock: ManualClock;
let world: ReturnType<typeof tutorialWorld>;
let plane: ReturnType<typeof modelDataPlane>;
let lab: Awaited<ReturnType<typeof outside>>;

beforeEach(async () => {
  clock = manualClock();
  world = tutorialWorld(clock.now());
  plane = modelDataPlane({ clock, seed: 3 });
  plane.apply(world);
  lab = await outside(plane, world);
});
afterEach(() => lab.close());

/** Changes the tables as an action would. */
function change(by: () => void): void {
  by();
  plane.apply(world);
}

function push(publicKey = key.public, user = "ec2-user", instance = "i-1"): void {
  world.pushedKeys.set(instance, [{ user, key: publicKey, until: clock.now() + 60_000 }]);
}

const asUser = { username: "ec2-user", privateKey: key.private };

async function loggedIn() {
  push();
  return lab.login(ssh, asUser);
}

const dials = [
  { name: "the open port", to: ssh, answer: 200 },
  { name: "a closed port behind an open group", to: `${publicAddress}:443`, open: "443", answer: 502 },
  { name: "a port that the group closes", to: `${publicAddress}:443`, answer: undefined },
  { name: "a lab address that is at nobody's", to: "203.0.113.99:22", answer: undefined },
  ...[
    "localhost:22",
    "127.0.0.1:22",
    "[::1]:22",
    "0x7f.1:22",
    "2130706433:22",
    "10.1.0.4:22",
    "169.254.169.254:80",
    "198.51.100.7:22",
    "203.0.114.1:22",
    "203.0.113.256:22",
    "203.0.113.010:22",
    "203.0.113.10.:22",
    "::ffff:203.0.113.10:22",
    "[::ffff:203.0.113.10]:22",
    "user@203.0.113.10:22",
    "203.0.113.10@example.com:22",
    "ec2.us-east-1.amazonaws.com:443",
  ].map((to) => ({ name: `the fence: ${to}`, to, answer: 403 })),
];

test.each(dials)("CONNECT to $name answers $answer", async ({ to, answer, ...row }) => {
  if ("open" in row) {
    change(() =>
      allow(world.home, "sg-1", { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "0.0.0.0/0" }),
    );
  }
  const got = await lab.connect(to, answer === undefined ? 50 : 5000);
  expect(got?.status).toBe(answer);
  if (answer === 403 || answer === 502) expect(got?.reason).toMatch(/only|refused/);
  got?.socket.destroy();
});

const silences = [
  { name: "the group closed", by: () => world.home.securityGroupRules.clear() },
  { name: "no internet gateway", by: () => world.home.internetGateways.delete("igw-1") },
  { name: "no route to the gateway", by: () => world.home.routeTables.get("rtb-1")!.Routes!.splice(1, 1) },
  {
    name: "no public address",
    by: () => delete world.home.networkInterfaces.get("eni-1")!.PrivateIpAddresses![0]!.Association,
  },
  { name: "a network ACL that denies", by: () => world.home.networkAcls.get("acl-1")!.Entries!.splice(1, 1) },
  { name: "the instance pending", by: () => setState("i-1", "pending") },
  { name: "the instance stopped", by: () => setState("i-1", "stopped") },
];

function setState(id: string, Name: "pending" | "running" | "stopping" | "stopped" | "shutting-down"): void {
  world.home.instances.get(id)!.instance.State = { Name };
}

test.each(silences)("silence with $name", async ({ by }) => {
  change(by);
  expect(await lab.connect(ssh, 50)).toBeUndefined();
});

test("what opens while the SYN is repeated is reached, as on AWS", async () => {
  const rule = [...world.home.securityGroupRules].find(([, row]) => row.FromPort === 22)!;
  change(() => world.home.securityGroupRules.delete(rule[0]));
  const waiting = lab.connect(ssh);
  await clock.asleep();
  await clock.advance(2000);
  change(() => world.home.securityGroupRules.set(...rule));
  await clock.advance(1000);
  const answer = await waiting;
  expect(answer?.status).toBe(200);
  answer?.socket.destroy();
});

test("nobody waits longer than TCP does", async () => {
  const waiting = lab.connect("203.0.113.99:22");
  await clock.asleep();
  await clock.advance(127_000);
  expect((await waiting)?.status).toBe(504);
});

test("sshd answers only some time after the instance runs", async () => {
  world.profile = { ...world.profile, sshdStart: 8000 };
  expect((await lab.connect(ssh))?.status).toBe(502);
  await clock.advance(8000);
  const answer = await lab.connect(ssh);
  expect(answer?.status).toBe(200);
  answer?.socket.destroy();
});

test("the host key is the instance's own", async () => {
  push();
  let seen = "";
  const client = await lab.login(ssh, {
    ...asUser,
    hostVerifier: (blob: Buffer) => {
      seen = fingerprint(`ssh-ed25519 ${blob.toString("base64")}`);
      return true;
    },
  });
  expect(seen).toBe(fingerprint(publicKeyOf(hostKeyOf(world.home.instances.get("i-1")!))));
  client.end();
});

const refusals = [
  { name: "no key was pushed", prepare: () => undefined },
  { name: "another key was pushed", prepare: () => push(other.public) },
  { name: "the key was pushed for another user", prepare: () => push(key.public, "ubuntu") },
  { name: "the key was pushed to another instance", prepare: () => push(key.public, "ec2-user", "i-2") },
  {
    name: "the user does not exist",
    prepare: () => push(key.public, "root"),
    config: { username: "root" },
  },
  {
    name: "60 s are over",
    prepare: async () => {
      push();
      await clock.advance(60_000);
    },
  },
  {
    name: "the instance metadata is off",
    prepare: () => {
      push();
      world.home.instances.get("i-1")!.instance.MetadataOptions = { HttpEndpoint: "disabled" };
    },
  },
  {
    name: "a password is tried",
    prepare: () => push(),
    config: { privateKey: undefined, password: "ec2-user", tryKeyboard: true },
  },
];

test.each(refusals)("no login where $name", async ({ prepare, config }) => {
  await prepare();
  await expect(lab.login(ssh, { ...asUser, ...config })).rejects.toThrow("authentication methods failed");
});

test("a key is good up to its last second, and the session outlives it", async () => {
  push();
  await clock.advance(59_999);
  const client = await lab.login(ssh, asUser);
  await clock.advance(600_000);
  expect(await exec(client, "whoami")).toEqual({ out: "ec2-user\n", err: "", code: 0 });
  client.end();
});

test("the tutorial's end: ICMP is blocked, then opened midway, then answered", async () => {
  const client = await loggedIn();
  const run = async (command: string) => clock.finish(exec(client, command));

  const blocked = await run("ping -c 2 -W 1 10.2.0.4");
  expect(blocked).toMatchObject({ code: 1, err: "" });
  expect(blocked.out).toContain("2 packets transmitted, 0 received, 100% packet loss");

  const pinging = exec(client, "ping -c 4 10.2.0.4");
  await clock.asleep();
  await clock.advance(1500);
  change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
  const midway = await clock.finish(pinging);
  expect(midway.out).toMatch(/icmp_seq=3 ttl=127 time=0\.\d{3} ms\n64 bytes from 10\.2\.0\.4: icmp_seq=4/);
  expect(midway).toMatchObject({ code: 0 });

  const answered = await run("ping -c 4 10.2.0.4");
  expect(answered.out).toContain("4 packets transmitted, 4 received, 0% packet loss, time 300");
  expect(answered).toMatchObject({ code: 0, err: "" });
  client.end();
});

const pings = [
  {
    name: "the reply's route is missing",
    to: "10.2.0.4",
    by: () => world.home.routeTables.get("rtb-2")!.Routes!.pop(),
    received: 0,
    code: 1,
  },
  {
    name: "the peering is gone",
    to: "10.2.0.4",
    by: () => world.peerings.delete("pcx-12"),
    received: 0,
    code: 1,
  },
  {
    name: "the other is stopped",
    to: "10.2.0.4",
    by: () => setState("i-2", "stopped"),
    received: 0,
    code: 1,
  },
  { name: "all is well", to: "10.2.0.4", by: () => undefined, received: 1, code: 0 },
  { name: "itself", to: "10.1.0.4", by: () => undefined, received: 1, code: 0 },
  { name: "the internet", to: "192.0.43.8", by: () => undefined, received: 1, code: 0 },
  { name: "the VPC's router, which is no host", to: "10.1.0.1", by: () => undefined, received: 0, code: 1 },
  { name: "a public address at nobody's", to: "203.0.113.99", by: () => undefined, received: 0, code: 1 },
  { name: "a private address of no VPC", to: "192.168.7.7", by: () => undefined, received: 0, code: 1 },
];

test.each(pings)("ping where $name: $received received", async ({ to, by, received, code }) => {
  change(() => {
    allow(world.home, "sg-2", icmpFrom("10.1.0.0/16"));
    by();
  });
  const client = await loggedIn();
  const result = await clock.finish(exec(client, `ping -c 1 -W 1 ${to}`));
  expect(result.out).toContain(`1 packets transmitted, ${received} received`);
  expect(result.code).toBe(code);
  client.end();
});

test("the own subnet's empty places answer by ARP, other VPCs' do not", async () => {
  const client = await loggedIn();
  const near = await clock.finish(exec(client, "ping -c 1 10.1.0.99"));
  expect(near.out).toContain("From 10.1.0.4 icmp_seq=1 Destination Host Unreachable\n");
  const far = await clock.finish(exec(client, "ping -c 1 -W 1 10.2.0.99"));
  expect(far.out).not.toContain("Unreachable");
  const none = await exec(client, "ping -c 1 2001:db8::1");
  expect(none).toEqual({ out: "", err: "ping: connect: Network is unreachable\n", code: 2 });
  client.end();
});

test("the same seed gives the same times", async () => {
  change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
  const client = await loggedIn();
  const first = await clock.finish(exec(client, "ping -c 2 10.2.0.4"));
  client.end();
  const again = modelDataPlane({ clock, seed: 3 });
  const secondLab = await outside(again, world);
  push();
  const second = await secondLab.login(ssh, asUser);
  expect(await clock.finish(exec(second, "ping -c 2 10.2.0.4"))).toEqual(first);
  await secondLab.close();
});

test("Ctrl-C by signal and by terminal ends a ping with its statistics", async () => {
  const client = await loggedIn();
  for (const [pty, stop] of [
    [false, (channel: ClientChannel) => channel.signal("INT")],
    [true, (channel: ClientChannel) => channel.write("\x03")],
  ] as const) {
    const result = await exec(
      client,
      "ping 10.2.0.4",
      (channel) => channel.once("data", () => stop(channel)),
      pty,
    );
    expect(result.out).toContain("1 packets transmitted, 0 received, 100% packet loss");
    expect(result.code).toBe(1);
  }
  client.end();
});

test("facts of the instance, from its tables", async () => {
  const client = await loggedIn();
  expect(await exec(client, "hostname && ip -br -4 addr show dev ens5")).toEqual({
    out: "ip-10-1-0-4.ec2.internal\nens5             UP             10.1.0.4/24 metric 512 \n",
    err: "",
    code: 0,
  });
  expect(await exec(client, "foo")).toEqual({ out: "", err: "bash: foo: command not found\n", code: 127 });
  expect(await exec(client, "exit 7")).toMatchObject({ code: 7 });
  client.end();
});

test("an interactive session: prompt, editing, codes, exit", async () => {
  const client = await loggedIn();
  const channel = await shell(client);
  const screen = watch(channel);
  await screen.shows("[ec2-user@ip-10-1-0-4 ~]$ ");
  channel.setWindow(50, 132, 0, 0);
  channel.write("hostnamx\x7fe\r");
  await screen.shows("\r\nip-10-1-0-4.ec2.internal\r\n[ec2-user@ip-10-1-0-4 ~]$ ");
  channel.write("foo\r");
  await screen.shows("-bash: foo: command not found\r\n");
  channel.write("ping 10.2.0.4\r");
  await screen.shows("bytes of data.\r\n");
  channel.write("\x03");
  await screen.shows("^C\r\n--- 10.2.0.4 ping statistics ---\r\n1 packets transmitted");
  channel.write("sleep 100\r");
  await screen.shows("sleep 100\r\n");
  channel.write("\x03");
  await screen.shows("^C\r\n[ec2-user@ip-10-1-0-4 ~]$ ");
  channel.write("exit 4\r");
  const [code] = await once(channel, "exit");
  expect(code).toBe(4);
  expect(screen.text()).toContain("logout\r\n");
  client.end();
});

test("Ctrl-D leaves with the last code", async () => {
  const client = await loggedIn();
  const channel = await shell(client);
  const screen = watch(channel);
  channel.write("false\r");
  await screen.shows("false\r\n[ec2-user@");
  channel.write("\x04");
  expect((await once(channel, "exit"))[0]).toBe(1);
  client.end();
});

test("a script on stdin runs to its end", async () => {
  const client = await loggedIn();
  const channel = await shell(client, false);
  const screen = watch(channel);
  channel.end("echo one\nfoo\nexit 9\necho never\n");
  expect((await once(channel, "exit"))[0]).toBe(9);
  expect(screen.text()).toBe("one\n");
  client.end();
});

function shell(client: ssh2.Client, pty = true): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.shell(pty ? {} : false, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** What a channel has shown since it was last asked. */
function watch(channel: ClientChannel) {
  let all = "";
  let unseen = "";
  let tell: () => void = () => undefined;
  channel.on("data", (bytes: Buffer) => {
    all += bytes;
    unseen += bytes;
    tell();
  });
  return {
    text: () => all,
    shows: (text: string) =>
      new Promise<void>((resolve) => {
        tell = () => {
          const at = unseen.indexOf(text);
          if (at === -1) return;
          unseen = unseen.slice(at + text.length);
          tell = () => undefined;
          resolve();
        };
        tell();
      }),
  };
}

const endings = [
  { name: "is stopped", by: () => setState("i-1", "stopping") },
  { name: "is terminated", by: () => setState("i-1", "shutting-down") },
  { name: "is forgotten", by: () => world.home.instances.delete("i-1") },
];

test.each(endings)("sessions end when the instance $name", async ({ by }) => {
  const client = await loggedIn();
  const command = exec(client, "sleep 1000");
  await clock.asleep();
  const closed = once(client, "close");
  change(by);
  await closed;
  expect((await command).code).not.toBe(0);
});

test("a standing session goes on when its group closes; a new one hangs", async () => {
  const client = await loggedIn();
  change(() => world.home.securityGroupRules.delete("sgr-3"));
  expect(await exec(client, "echo still here")).toMatchObject({ out: "still here\n" });
  expect(await lab.connect(ssh, 50)).toBeUndefined();
  client.end();
});

test("who does not log in is sent away after two minutes", async () => {
  const answer = await lab.connect(ssh);
  answer!.socket.resume();
  const closed = once(answer!.socket, "close");
  await clock.advance(120_000);
  await closed;
});
