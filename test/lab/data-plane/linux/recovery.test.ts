import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import { type Holder, HolderError, openHolder } from "../../../../src/lab/data-plane/linux/holder.ts";
import { linuxDataPlane } from "../../../../src/lab/data-plane/linux/linux.ts";
import { exec, outside } from "../outside.ts";
import { allow, icmpFrom, publicAddress, tutorialWorld } from "../tutorial-world.ts";
import { describeOnLinux, tutorialKey } from "./on-linux.ts";

/** A holder with one handle on it: whether its next scripts fail, in the middle, as ones that the kernel refuses do. */
function fragile() {
  const opened: Holder[] = [];
  const at = { opened, failures: 0, open };
  function open(): Holder {
    const holder = openHolder();
    opened.push(holder);
    return {
      ...holder,
      run: async (script) => {
        if (at.failures === 0) return holder.run(script);
        at.failures -= 1;
        return holder.run(`${script}\necho "the kernel says no"\nfalse`);
      },
    };
  }
  return at;
}

async function labOn(at: ReturnType<typeof fragile>) {
  const world = tutorialWorld(systemClock.now());
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const plane = linuxDataPlane({ holder: at.open(), open: at.open, clock: systemClock, why: "as asked" });
  const lab = await outside(plane, world);
  plane.apply(world);
  return {
    ...{ world, plane, warned },
    login: () => lab.login(`${publicAddress}:22`, tutorialKey(world)),
    connect: () => lab.connect(`${publicAddress}:22`),
    close: async () => {
      await lab.close();
      warned.mockRestore();
    },
  };
}

/** Logs in and pings the other instance, so that everything is there. */
async function works(lab: Awaited<ReturnType<typeof labOn>>): Promise<void> {
  allow(lab.world.home, "sg-2", icmpFrom("10.1.0.0/16"));
  lab.plane.apply(lab.world);
  const client = await lab.login();
  expect((await exec(client, "ping -c 1 -W 1 10.2.0.4")).out).toContain("1 received");
  client.end();
}

describeOnLinux("when something fails below", () => {
  const moments = [
    { name: "the very first script", before: async () => undefined },
    { name: "a later script", before: works },
  ];
  test.each(moments)("$name: all is built anew at once", async ({ before }) => {
    const at = fragile();
    if (before !== works) at.failures = 1;
    const lab = await labOn(at);
    await before(lab);
    if (before === works) at.failures = 1;
    allow(lab.world.home, "sg-1", icmpFrom("0.0.0.0/0"));
    lab.plane.apply(lab.world);
    await lab.plane.settled();
    expect(at.opened).toHaveLength(2);
    expect(lab.plane.why?.()).toBe("as asked");
    expect(lab.warned).toHaveBeenCalledTimes(1);
    await at.opened[0]!.ended;
    await works(lab);
    await lab.close();
  });

  test("sessions end with what they were in", async () => {
    const at = fragile();
    const lab = await labOn(at);
    const client = await lab.login();
    at.failures = 1;
    allow(lab.world.home, "sg-1", icmpFrom("0.0.0.0/0"));
    lab.plane.apply(lab.world);
    await once(client, "close");
    await works(lab);
    await lab.close();
  });

  test("where the new one fails as well, it is said; a connection has it tried again", async () => {
    const at = fragile();
    at.failures = 2;
    const lab = await labOn(at);
    await expect(lab.plane.settled()).rejects.toThrow("the kernel says no");
    expect(at.opened).toHaveLength(2);
    expect(lab.plane.why?.()).toMatch(
      /^packets do not move: .*the kernel says no; the next change or connection/,
    );
    at.failures = 2;
    expect(await lab.connect()).toMatchObject({
      status: 502,
      reason: expect.stringContaining("the lab failed"),
    });
    expect((await lab.connect())?.status).toBe(200);
    expect(lab.plane.why?.()).toBe("as asked");
    await lab.close();
  });

  test("a holder that is killed is replaced, whether anything is asked meanwhile or not", async () => {
    const at = fragile();
    const lab = await labOn(at);
    await works(lab);
    await at.opened[0]!.close();
    await vi.waitFor(() => expect(at.opened).toHaveLength(2));
    await works(lab);
    // Once by itself; then only for somebody who needs it, so that it does not go on for ever.
    await at.opened[1]!.close();
    await vi.waitFor(() => expect(at.opened).toHaveLength(3));
    await lab.plane.settled();
    await at.opened[2]!.close();
    await vi.waitFor(() => expect(lab.plane.why?.()).toContain("has ended"));
    expect(at.opened).toHaveLength(3);
    await works(lab);
    await lab.close();
  });

  test("tables that no plan can be made of do not end the lab", async () => {
    const lab = await labOn(fragile());
    await lab.plane.settled();
    const { CidrBlock } = lab.world.home.subnets.get("subnet-1")!;
    lab.world.home.subnets.get("subnet-1")!.CidrBlock = "nonsense";
    lab.plane.apply(lab.world);
    await expect(lab.plane.settled()).rejects.toThrow();
    lab.world.home.subnets.get("subnet-1")!.CidrBlock = CidrBlock;
    await works(lab);
    await lab.close();
  });

  test("an inside that could not be made is made for the next session", async () => {
    const at = fragile();
    const lab = await labOn(at);
    await lab.plane.settled();
    at.failures = 1;
    await expect(lab.plane.instance("i-1")!.inside()).rejects.toThrow("the kernel says no");
    const client = await lab.login();
    expect((await exec(client, "hostname")).out).toBe("ip-10-1-0-4.ec2.internal\n");
    client.end();
    await lab.close();
  });

  test("a holder that could never begin says why", async () => {
    const holder = openHolder({ path: "/nonexistent" });
    await expect(holder.run("true")).rejects.toBeInstanceOf(HolderError);
    await holder.close();
  });
});
