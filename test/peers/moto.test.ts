import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { census } from "./support/census.ts";
import { peerctl } from "./support/lab.ts";
import { startMoto } from "./support/moto.ts";
import { describePeers, program } from "./support/peers.ts";
import { type Ended, plainEnv, run } from "./support/run.ts";

const motoServer = program("moto_server");

/** What each step makes of the default topology. */
const made = { "create-vpcs": 14, peer: 2, route: 2, launch: 5, eip: 2, "open-icmp": 1 };
const steps = Object.keys(made) as (keyof typeof made)[];
const all = Object.values(made).reduce((sum, count) => sum + count, 0);

// moto has no SSH and no packets, so test-ping is not among these.
describePeers("peerctl against moto_server, an EC2 by other people", [motoServer], () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let folder: string;
  const state = () => join(folder, "peerctl.state.json");

  /** As somebody types it, with --json for what is compared. Each stack in a Region of its own, to count what is there. */
  const cli = (region: string, ...args: string[]): Promise<Ended> => {
    const global = ["--endpoint-url", moto.url, "--region", region, "--ssh-from", "198.51.100.7/32"];
    const env = plainEnv({ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
    return run(process.execPath, [peerctl, ...global, ...args], { env, cwd: folder });
  };
  const answer = async (region: string, ...args: string[]) => {
    const { code, stdout, stderr } = await cli(region, ...args, "--json");
    expect(stderr).not.toContain("peerctl:");
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  beforeAll(async () => {
    moto = await startMoto(motoServer.found!);
    folder = mkdtempSync(join(tmpdir(), "peerctl-moto-"));
  });
  afterAll(async () => {
    await moto?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("makes the topology step by step; a second run of each makes nothing", async () => {
    const region = "eu-central-1";
    const before = await census(moto.url, region);
    for (const step of steps) {
      expect(await answer(region, step)).toMatchObject({ made: made[step], adopted: 0 });
    }
    for (const step of steps) {
      expect(await answer(region, step)).toMatchObject({ made: 0, adopted: 0 });
    }
    expect(await answer(region, "status")).toMatchObject({ inStep: true });
    expect(await answer(region, "down")).toMatchObject({ audit: { region, left: [] } });
    expect(existsSync(state())).toBe(false);
    expect(await census(moto.url, region)).toEqual(before);
  });

  it("makes it all at once; up, status and down go on after a down", async () => {
    const region = "eu-west-1";
    const before = await census(moto.url, region);
    const up = await answer(region, "up");
    expect(up).toMatchObject({ made: all, adopted: 0, endpoint: moto.url, region });
    expect(Object.keys(up.resources)).toHaveLength(all);
    expect(await answer(region, "up")).toMatchObject({ made: 0 });
    expect(await answer(region, "status")).toMatchObject({ inStep: true });
    expect(await answer(region, "down")).toMatchObject({ audit: { left: [] } });
    expect(await census(moto.url, region)).toEqual(before);
    expect(await answer(region, "up")).toMatchObject({ made: all });
    expect(await answer(region, "down")).toMatchObject({ audit: { left: [] } });
    expect(await census(moto.url, region)).toEqual(before);
  });

  it("removes a stack whose state file is lost, by its tags", async () => {
    const region = "us-west-2";
    const before = await census(moto.url, region);
    await answer(region, "up", "--name", "lost");
    rmSync(state());
    const standing = await cli(region, "status", "--name", "lost", "--json");
    expect(standing.code).toBe(2);
    expect(JSON.parse(standing.stdout).resources.length).toBeGreaterThanOrEqual(14);
    const down = await answer(region, "down", "--name", "lost");
    expect(down.removed).toHaveLength(14);
    expect(down.audit).toMatchObject({ left: [], usdAnHour: 0 });
    expect(await answer(region, "status", "--name", "lost")).toMatchObject({ resources: [] });
    expect(await census(moto.url, region)).toEqual(before);
  });
});
