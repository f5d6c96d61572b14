import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../src/state/schema.ts";
import { type Ended, place } from "../support/program.ts";

const cli = place();
const { peerctl, start, calls, clearCalls, folder } = cli;

/** One line that says the problem, one that says the remedy, nothing on stdout, no stack trace. */
function expectOneLine({ code, stdout, stderr }: Ended, problem: RegExp, remedy: RegExp) {
  expect(code, stderr).toBe(1);
  expect(stdout).toBe("");
  const lines = stderr.trimEnd().split("\n");
  expect(lines, stderr).toHaveLength(2);
  expect(lines[0]).toMatch(/^peerctl: /);
  expect(lines[0]).toMatch(problem);
  expect(lines[1]).toMatch(/^ {2}\S/);
  expect(lines[1]).toMatch(remedy);
}

beforeEach(() => clearCalls());

describe("what can be found wrong without a call is found before the first one", () => {
  test.each<[string, string[], RegExp, RegExp]>([
    [
      "overlapping CIDRs",
      ["--cidr", "10.1.0.0/16", "--cidr", "10.1.128.0/17", "up"],
      /overlap/,
      /--cidr vpc-2=/,
    ],
    [
      "a malformed CIDR",
      ["--cidr", "10.1.0/16", "up"],
      /'10\.1\.0\/16' is not an IPv4 block/,
      /10\.1\.0\.0\/16/,
    ],
    [
      "a CIDR that begins elsewhere",
      ["--cidr", "10.1.2.3/16", "up"],
      /not where a \/16 begins/,
      /10\.1\.0\.0\/16/,
    ],
    ["a VPC too large", ["--cidr", "10.0.0.0/8", "up"], /from \/16 to \/28/, /another size/],
    ["a VPC too small", ["--cidr", "10.1.0.0/29", "up"], /from \/16 to \/28/, /another size/],
    ["an unknown VPC in a peering", ["--peering", "vpc-1~vpc-9", "up"], /no such VPC/, /vpc-1, vpc-2/],
    ["a peering with itself", ["--peering", "vpc-1~vpc-1", "up"], /itself/, /vpc-1~vpc-2/],
    ["a malformed peering", ["--peering", "vpc-1", "up"], /not REQUESTER~ACCEPTER/, /vpc-1~vpc-2/],
    ["a bad Region", ["--region", "europe", "up"], /'europe' is not an AWS Region/, /us-east-1/],
    ["a zone for a Region", ["--region", "us-east-1a", "up"], /Availability Zone/, /us-east-1/],
    ["a bad stack name", ["--name", "A B", "up"], /cannot name a stack/, /lower-case/],
    ["a bad endpoint", ["--endpoint-url", "nowhere", "up"], /not an http or https URL/, /http:/],
    ["bad SSH addresses", ["--ssh-from", "everywhere", "launch"], /not an IPv4 block/, /198\.51\.100\.7/],
    ["a bad count", ["test-ping", "--count", "many"], /"many" is not a whole number/, /digits/],
    ["a bad interval", ["test-ping", "--interval", "-1"], /"-1" is not a number/, /0\.5/],
    ["no state file", ["test-ping"], /there is no state file/, /peerctl --lab up/],
  ])("%s", async (_what, args, problem, remedy) => {
    expectOneLine(await peerctl("--lab", ...args), problem, remedy);
    expect(await calls()).toEqual([]);
  });

  test("no Region", async () => {
    const { ended } = start(["up"], { env: { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" } });
    expectOneLine(await ended, /no Region is set/, /--region/);
  });

  test("a profile that is not there: the ones that are, and no call with other credentials", async () => {
    const env = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x", AWS_REGION: "us-east-1" };
    const args = ["--profile", "nope", "--endpoint-url", cli.url, "up"];
    const none = await start(args, { env }).ended;
    expectOneLine(
      none,
      /no profile "nope" in \S+\.aws\/config or \S+\.aws\/credentials$/,
      /^ {2}make it: aws configure/,
    );
    const [config, credentials] = [join(folder, "aws-config"), join(folder, "aws-credentials")];
    writeFileSync(config, "[default]\nregion = x\n[profile sandbox]\n[sso-session corp]\n");
    writeFileSync(credentials, "[work]\naws_access_key_id = AKIASECRET\n");
    const files = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
    const some = await start(args, { env: { ...env, ...files } }).ended;
    expectOneLine(
      some,
      /there is no profile "nope" in \S+aws-config or \S+aws-credentials$/,
      /name one that is there \(default, sandbox, work\), or make it: aws configure --profile nope$/,
    );
    const byName = await start(["--endpoint-url", cli.url, "up"], { env: { ...env, AWS_PROFILE: "corp" } })
      .ended;
    expectOneLine(byName, /no profile "corp"/, /aws configure --profile corp/);
    expect(await calls()).toEqual([]);
  });

  test("no credentials", async () => {
    const { ended } = start(["--region", "us-east-1", "--endpoint-url", cli.url, "up"]);
    expectOneLine(await ended, /no AWS credentials were found/, /--lab/);
    expect(await calls()).toEqual([]);
  });
});

describe("a state file that is not right for this run", () => {
  let good: string;
  const file = join(folder, "peerctl.state.json");
  beforeAll(async () => {
    const { code, stderr } = await peerctl("--lab", "create-vpcs");
    expect(code, stderr).toBe(0);
    good = readFileSync(file, "utf8");
  });
  afterAll(() => rmSync(file, { force: true }));

  /** Runs with the file as `change` leaves it; the file must come out of it untouched. */
  async function withFile(text: string, problem: RegExp, remedy: RegExp, args = ["up"]) {
    for (const command of [args, ["status"], ["down"]]) {
      writeFileSync(file, text);
      await clearCalls();
      expectOneLine(await peerctl("--lab", ...command), problem, remedy);
      expect(readFileSync(file, "utf8")).toBe(text);
    }
  }
  const edited = (change: (state: State) => void) => {
    const state = JSON.parse(good) as State;
    change(state);
    return JSON.stringify(state);
  };

  test("of another Region", async () => {
    const text = edited((state) => {
      state.region = "eu-west-1";
    });
    await withFile(
      text,
      /belongs to .*eu-west-1 at the lab, and this run is for .*us-east-1/,
      /use --region eu-west-1,/,
    );
    expect((await calls()).filter(({ service }) => service === "ec2")).toEqual([]);
  });

  test("of another account: that takes one question, and no more", async () => {
    const text = edited((state) => {
      state.account = "210987654321";
    });
    await withFile(
      text,
      /belongs to account 210987654321 .* this run is for account 123456789012/,
      /--profile/,
    );
    expect((await calls()).map(({ action }) => action)).toEqual(["GetCallerIdentity"]);
  });

  test("of another endpoint", async () => {
    const text = edited((state) => {
      state.endpoint = "aws";
    });
    await withFile(text, /at AWS, and this run is for .* at the lab/, /leave out --lab/);
  });

  test("corrupt", async () => {
    await withFile(good.slice(0, -20), /is damaged: it is not JSON/, /peerctl --lab recover --name/);
    expect(await calls()).toEqual([]);
    await withFile("", /is damaged: it is empty/, /peerctl --lab recover --name/);
    await withFile("{}", /is damaged: schemaVersion/, /peerctl --lab recover --name/);
  });

  test("of a newer peerctl", async () => {
    const text = JSON.stringify({ ...JSON.parse(good), schemaVersion: 2 });
    await withFile(text, /made by a newer peerctl/, /npm install/);
    expect(await calls()).toEqual([]);
  });

  test("with other VPCs than those asked for", async () => {
    writeFileSync(file, good);
    await clearCalls();
    const args = ["--lab", "--cidr", "vpc-2=10.9.0.0/16", "up"];
    expectOneLine(await peerctl(...args), /begun with other VPCs/, /peerctl --lab down/);
    expect(await calls()).toEqual([]);
  });

  test("an unknown VPC to connect to", async () => {
    writeFileSync(file, good);
    await clearCalls();
    expectOneLine(await peerctl("--lab", "connect", "vpc-9"), /there is no VPC "vpc-9"/, /vpc-1, vpc-2/);
    expect(await calls()).toEqual([]);
  });

  test("locked by a live process", async () => {
    writeFileSync(file, good);
    const slow = start(["--lab", "up"]);
    await cli.faults({ action: "CreateVpcPeeringConnection", fault: "late", ms: 3000 });
    while (!(await calls()).some(({ action }) => action === "CreateSecurityGroup")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const seen = (await calls()).length;
    const second = await peerctl("--lab", "open-icmp");
    expectOneLine(
      second,
      new RegExp(`is in use by \`peerctl up\`, process ${slow.child.pid} on ${hostname()}`),
      /wait until it is done/,
    );
    expect((await calls()).slice(seen).map(({ action }) => action)).not.toContain("GetCallerIdentity");
    await cli.faults();
    expect((await slow.ended).code).toBe(0);
    good = readFileSync(file, "utf8");
  });
});

test("a folder that cannot be written to", async () => {
  // The superuser may write nearly anywhere.
  const closed = process.getuid?.() === 0 ? "/sys" : mkdtempSync(join(folder, "closed-"));
  if (closed !== "/sys") chmodSync(closed, 0o555);
  const result = await peerctl("--lab", "--state", join(closed, "state.json"), "up");
  expectOneLine(result, /cannot write the state file/, /--state/);
  expect(await calls()).toEqual([]);
});

test("a folder that is not there, or is a file", async () => {
  const missing = await peerctl("--lab", "--state", join(folder, "no", "state.json"), "up");
  expectOneLine(missing, /state file/, /mkdir -p/);
  writeFileSync(join(folder, "file"), "");
  const file = await peerctl("--lab", "--state", join(folder, "file", "state.json"), "up");
  expectOneLine(file, /state file/, /--state/);
  mkdirSync(join(folder, "folder"));
  const into = await peerctl("--lab", "--state", join(folder, "folder"), "up");
  expectOneLine(into, /state file/, /--state/);
  expect(await calls()).toEqual([]);
});

describe("on a real account, nothing is made without a yes", () => {
  test("a lab that is reached as another endpoint is none", async () => {
    const env = { AWS_ACCESS_KEY_ID: "123456789012", AWS_SECRET_ACCESS_KEY: "lab", AWS_REGION: "us-east-1" };
    const { ended } = start(["--endpoint-url", cli.url, "--state", "url.json", "create-vpcs"], { env });
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('there is a stack named "peerctl"');
  });
});

test("a verbose error has its stack, the others have none", async () => {
  const { stderr } = await peerctl("--lab", "--cidr", "10.0.0.0/8", "up", "--verbose");
  expect(stderr).toMatch(/\n {4}at /);
});
