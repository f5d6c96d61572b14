import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import ssh2 from "ssh2";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import { type LinuxDataPlane, linuxDataPlane } from "../../../../src/lab/data-plane/linux/linux.ts";
import { probe } from "../../../../src/lab/data-plane/linux/probe.ts";
import { exec, outside } from "../outside.ts";
import { allow, icmpFrom, publicAddress, tutorialWorld } from "../tutorial-world.ts";

const found = await probe();
const lacks = "lacks" in found ? found.lacks : undefined;
if ("lacks" in found) console.warn(`the Linux data plane is not tested here: ${lacks}`);
else await found.close();

const key = ssh2.utils.generateKeyPairSync("ed25519");
const ssh = `${publicAddress}:22`;
let world: ReturnType<typeof tutorialWorld>;
let plane: LinuxDataPlane;
let lab: Awaited<ReturnType<typeof outside>>;

describe.skipIf(lacks !== undefined)("real packets", () => {
  beforeEach(async () => {
    const holder = await probe();
    if ("lacks" in holder) throw new Error(holder.lacks);
    world = tutorialWorld(systemClock.now());
    plane = linuxDataPlane({ holder, clock: systemClock });
    plane.apply(world);
    lab = await outside(plane, world);
  });
  afterEach(() => lab.close());

  const change = (by: () => void) => {
    by();
    plane.apply(world);
  };
  const login = () => {
    world.pushedKeys.set("i-1", [{ user: "ec2-user", key: key.public, until: systemClock.now() + 60_000 }]);
    return lab.login(ssh, { username: "ec2-user", privateKey: key.private });
  };
  /** Runs a program in a namespace; its output, whether it failed or not. */
  const within = async (namespace: string, ...command: string[]): Promise<string> => {
    await plane.settled();
    const [program, ...args] = plane.enter(namespace, command);
    return promisify(execFile)(program, args).then(
      ({ stdout }) => stdout,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
  };

  test("the tutorial: SSH by the public address, a ping that fails until the group lets it in", async () => {
    const client = await login();
    const lost = await exec(client, "ping -c 1 -W 0.3 10.2.0.4");
    expect(lost).toMatchObject({ code: 1 });
    expect(lost.out).toContain("100% packet loss");
    change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
    await plane.settled();
    const replied = await exec(client, "ping -c 2 -i 0.01 10.2.0.4");
    expect(replied.out).toContain("icmp_seq=2 ttl=127");
    expect(replied.code).toBe(0);
    client.end();
  });

  test("inside: own user, name, address, programs; nothing of the machine", async () => {
    const client = await login();
    const ask = async (command: string) => (await exec(client, command)).out.trim();
    expect(await ask("id -un; hostname; pwd")).toBe("ec2-user\nip-10-1-0-4.ec2.internal\n/home/ec2-user");
    expect(await ask("ip -4 -br addr show dev ens5")).toMatch(/10\.1\.0\.4\/24/);
    expect(await ask("ls /; ls /root /home")).not.toMatch(/work|root:/);
    expect(await ask("touch /usr/x 2>&1; ps ax | wc -l")).toMatch(/Read-only file system\n\d$/);
    expect((await exec(client, "exit 7")).code).toBe(7);
    expect((await exec(client, "echo $TERM; stty size", undefined, true)).out).toMatch(/\d+ \d+/);
    client.end();
  });

  test("the terminal has the size of the client's window, also after a change, and programs are told", async () => {
    const client = await login();
    const shell = await promisify((done: (error: Error | undefined, channel: ssh2.ClientChannel) => void) =>
      client.shell({ rows: 30, cols: 100, term: "xterm" }, done),
    )();
    let seen = "";
    shell.on("data", (bytes: Buffer) => {
      seen += bytes;
    });
    const shows = (text: string | RegExp) => vi.waitFor(() => expect(seen).toMatch(text), 5000);
    shell.write("trap 'echo told: $(stty size)' WINCH; echo at first: $(stty size)\n");
    await shows("at first: 30 100\r");
    for (let rows = 31; rows <= 40; rows += 1) shell.setWindow(rows, 132, 0, 0);
    await shows("told: 40 132\r");
    expect(seen).not.toContain("/dev/pts");
    const closed = once(shell, "close");
    shell.end("exit\n");
    await closed;
    client.end();
  });

  test("rules, routes and gateways decide about the SYN", async () => {
    expect((await lab.connect(ssh))?.status).toBe(200);
    expect((await lab.connect(`${publicAddress}:443`, 300))?.status).toBe(undefined);
    change(() =>
      allow(world.home, "sg-1", { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "0.0.0.0/0" }),
    );
    expect((await lab.connect(`${publicAddress}:443`))?.status).toBe(502);
    change(() => world.home.routeTables.get("rtb-1")!.Routes!.splice(1, 1));
    expect((await lab.connect(ssh, 300))?.status).toBe(undefined);
  });

  test("guests are not found by each other's networks but by the peering, and routers are no hops", async () => {
    change(() => allow(world.home, "sg-2", { IpProtocol: "-1", CidrIpv4: "10.1.0.0/16" }));
    expect(await within("i-1", "ping", "-c", "1", "-W", "1", "-t", "1", "10.2.0.4")).toContain("ttl=127");
    expect(await within("i-2", "ping", "-c", "1", "-W", "0.3", "10.1.0.4")).toContain("100% packet loss");
    expect(await within("i-1", "ping", "-c", "1", "-W", "1", "8.8.8.8")).toContain("1 received");
    expect(await within("i-2", "ping", "-c", "1", "-W", "0.3", "8.8.8.8")).toContain("0 received");
    expect(await within("i-1", "ping", "-c", "1", "-W", "1", "-M", "do", "-s", "8973", "10.2.0.4")).toContain(
      "1 received",
    );
    expect(await within("i-1", "ping", "-c", "1", "-W", "1", "-M", "do", "-s", "1473", "8.8.8.8")).toMatch(
      /10\.1\.0\.1.*mtu.*1500/i,
    );
  });

  test("a dead peering and a stopped instance take their packets", async () => {
    change(() => allow(world.home, "sg-2", icmpFrom("10.1.0.0/16")));
    const ping = () => within("i-1", "ping", "-c", "1", "-W", "0.3", "10.2.0.4");
    expect(await ping()).toContain("1 received");
    change(() => {
      world.peerings.get("pcx-12")!.Status!.Code = "deleted";
    });
    expect(await ping()).toContain("0 received");
    change(() => {
      world.peerings.get("pcx-12")!.Status!.Code = "active";
    });
    expect(await ping()).toContain("1 received");
    change(() => {
      world.home.instances.get("i-2")!.instance.State = { Name: "stopped" };
    });
    expect(await ping()).toContain("0 received");
    change(() => {
      world.home.instances.get("i-2")!.instance.State = { Name: "running" };
    });
    expect(await ping()).toContain("1 received");
  });
});
