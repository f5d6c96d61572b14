import { once } from "node:events";
import { promisify } from "node:util";
import type ssh2 from "ssh2";
import { describe, expect, test, vi } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import { exec } from "../outside.ts";
import { allow, icmpFrom, publicAddress, tutorialWorld } from "../tutorial-world.ts";
import { describeOnLinux, tutorialOnLinux } from "./on-linux.ts";

const ssh = `${publicAddress}:22`;

describeOnLinux("real packets", () => {
  const at = tutorialOnLinux();
  const { change, login, within } = at;

  test("the tutorial: SSH by the public address, a ping that fails until the group lets it in", async () => {
    const client = await login();
    const lost = await exec(client, "ping -c 1 -W 0.3 10.2.0.4");
    expect(lost).toMatchObject({ code: 1 });
    expect(lost.out).toContain("100% packet loss");
    change(() => allow(at.world.home, "sg-2", icmpFrom("10.1.0.0/16")));
    await at.plane.settled();
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
    const shows = (text: string | RegExp) => vi.waitFor(() => expect(seen).toMatch(text), 15_000);
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
    expect((await at.lab.connect(ssh))?.status).toBe(200);
    expect((await at.lab.connect(`${publicAddress}:443`, 300))?.status).toBe(undefined);
    change(() =>
      allow(at.world.home, "sg-1", { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv4: "0.0.0.0/0" }),
    );
    expect((await at.lab.connect(`${publicAddress}:443`))?.status).toBe(502);
    change(() => at.world.home.routeTables.get("rtb-1")!.Routes!.splice(1, 1));
    expect((await at.lab.connect(ssh, 300))?.status).toBe(undefined);
  });

  test("guests are not found by each other's networks but by the peering, and routers are no hops", async () => {
    change(() => allow(at.world.home, "sg-2", { IpProtocol: "-1", CidrIpv4: "10.1.0.0/16" }));
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
    change(() => allow(at.world.home, "sg-2", icmpFrom("10.1.0.0/16")));
    const ping = () => within("i-1", "ping", "-c", "1", "-W", "0.3", "10.2.0.4");
    expect(await ping()).toContain("1 received");
    change(() => {
      at.world.peerings.get("pcx-12")!.Status!.Code = "deleted";
    });
    expect(await ping()).toContain("0 received");
    change(() => {
      at.world.peerings.get("pcx-12")!.Status!.Code = "active";
    });
    expect(await ping()).toContain("1 received");
    change(() => {
      at.world.home.instances.get("i-2")!.instance.State = { Name: "stopped" };
    });
    expect(await ping()).toContain("0 received");
    change(() => {
      at.world.home.instances.get("i-2")!.instance.State = { Name: "running" };
    });
    expect(await ping()).toContain("1 received");
  });

  describe("another boot is another guest", () => {
    const leave = "touch /tmp/left; nohup sleep 300 >/dev/null 2>&1 & ";
    const boots = [
      {
        name: "a reboot, which waits for sshd again",
        by: () => {
          at.world.profile = { ...at.world.profile, sshdStart: 1000 };
          at.world.home.instances.get("i-1")!.runningSince = systemClock.now();
        },
      },
      {
        name: "stopped and started in one go",
        by: () => {
          at.world.home.instances.get("i-1")!.runningSince = systemClock.now() + 1;
        },
      },
    ];
    test.each(boots)("$name", async ({ by }) => {
      change(() => allow(at.world.home, "sg-2", icmpFrom("10.1.0.0/16")));
      const client = await login();
      await exec(client, leave);
      const closed = once(client, "close");
      change(by);
      await closed;
      const { sshdStart } = at.world.profile;
      if (sshdStart > 0) expect((await at.lab.connect(ssh))?.status).toBe(502);
      const again = await vi.waitFor(login, { timeout: 10_000, interval: 100 });
      const ask = async (command: string) => (await exec(again, command)).out.trim();
      expect(await ask("ls /tmp; ps -e -o comm= | sort | uniq -c | grep sleep")).toBe("1 sleep");
      expect(await ask("ping -c 1 -W 1 10.2.0.4")).toContain("1 received");
      expect(await within("i-2", "ip", "-4", "-br", "addr")).toContain("10.2.0.4/24");
      again.end();
    });

    test("another world, with the same ids", async () => {
      const client = await login();
      await exec(client, leave);
      const closed = once(client, "close");
      const runningSince = at.world.home.instances.get("i-1")!.runningSince!;
      at.replace(tutorialWorld(runningSince));
      await closed;
      const again = await login();
      expect((await exec(again, "ls /tmp")).out).toBe("");
      again.end();
    });
  });
});
