import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import type { State } from "../../src/state/schema.ts";
import { place } from "../support/program.ts";

const cli = place();
const { peerctl, start, calls, faults, folder } = cli;

const stateOf = () => JSON.parse(readFileSync(join(folder, "peerctl.state.json"), "utf8")) as State;

async function until(condition: () => Promise<boolean>) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s in mid-run: 130 within two seconds, the state complete, and on from there",
  async (signal) => {
    const seen = (await calls()).length;
    await faults(
      { action: "CreateVpc", fault: "late", ms: 300, nth: 2 },
      { action: "CreateInternetGateway", fault: "late", ms: 8000, nth: 2 },
    );
    const { child, ended } = start(["--lab", "up"]);
    await until(async () => (await calls()).slice(seen).some(({ action }) => action === "CreateVpc"));
    const pressed = Date.now();
    child.kill(signal);
    const { code, stderr } = await ended;
    expect(Date.now() - pressed).toBeLessThan(2000);
    expect(code, stderr).toBe(130);
    expect(stderr).toContain(`peerctl: ${signal}: stopped; what was made is in the state file.`);
    expect(stderr).not.toMatch(/^ {4}at /m);

    const { resources, intents, stack } = stateOf();
    expect(Object.keys(resources)).toEqual(expect.arrayContaining(["vpc/vpc-1", "vpc/vpc-2"]));
    // Its answer did not come in time, so it stays announced.
    expect(Object.keys(intents).some((key) => key.startsWith("internet-gateway/"))).toBe(true);

    await faults();
    const up = await peerctl("--lab", "up");
    expect(up.code, up.stderr).toBe(0);
    const ec2 = new EC2({
      endpoint: cli.url,
      region: "us-east-1",
      credentials: { accessKeyId: "123456789012", secretAccessKey: "lab" },
    });
    const Filters = [{ Name: "tag:peerctl:stack", Values: [stack.uuid] }];
    expect((await ec2.describeVpcs({ Filters })).Vpcs).toHaveLength(2);
    expect((await ec2.describeInternetGateways({ Filters })).InternetGateways).toHaveLength(2);
    ec2.destroy();
    const down = await peerctl("--lab", "down");
    expect(down.code, down.stderr).toBe(0);
  },
);

test("a second one leaves at once", async () => {
  await faults({ action: "CreateVpc", fault: "late", ms: 5000 });
  const seen = (await calls()).length;
  const { child, ended } = start(["--lab", "up"]);
  await until(async () =>
    (await calls()).slice(seen).some(({ action }) => action === "CreateInternetGateway"),
  );
  child.kill("SIGINT");
  // Another kind, because two of one kind at once are one.
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  // It did not wait for what was under way, to say this.
  expect(stderr).not.toContain("stopped; what was made is in the state file");
  await faults();
  const down = await peerctl("--lab", "down");
  expect(down.code, down.stderr).toBe(0);
});

describe("what is said fits what was done", () => {
  /** Runs it until a call was answered, and presses Ctrl-C before this action is answered. */
  async function stopped(args: string[], action: string): Promise<string> {
    await faults({ action, fault: "late", ms: 5000 });
    const { child, ended } = start(["--lab", "--verbose", ...args]);
    let said = "";
    child.stderr!.on("data", (text) => {
      said += text;
    });
    await until(async () => / ok \d+ ms/.test(said));
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    await faults();
    expect(code, stderr).toBe(130);
    return stderr.split("\n").at(-2)!;
  }

  test("nothing was made, and there is no state file", async () => {
    expect(await stopped(["up"], "DescribeTags")).toBe("peerctl: SIGINT: stopped; nothing was made");
  });

  test("those that look leave nothing to go on with", async () => {
    const up = await peerctl("--lab", "create-vpcs");
    expect(up.code, up.stderr).toBe(0);
    for (const args of [["status"], ["doctor"], ["graph"], ["up", "--dry-run"]]) {
      expect(await stopped(args, "DescribeVpcs"), args.join(" ")).toBe("peerctl: SIGINT: stopped");
    }
  });

  test("down goes on with the same command", async () => {
    expect(await stopped(["down"], "DeleteSubnet")).toBe(
      "peerctl: SIGINT: stopped; something may be left. Go on with the same command",
    );
    const down = await peerctl("--lab", "down");
    expect(down.code, down.stderr).toBe(0);
  });
});
