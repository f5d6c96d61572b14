import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, onTestFinished, test } from "vitest";
import { globalOptions } from "../src/config/options.ts";
import { type Config, resolveConfig } from "../src/config.ts";
import { UserError } from "../src/errors.ts";
import { defaultTopology } from "../src/topology.ts";

function folder(dotenv?: string): string {
  const cwd = mkdtempSync(join(tmpdir(), "peerctl-config-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  if (dotenv !== undefined) writeFileSync(join(cwd, ".env"), dotenv);
  return cwd;
}

interface Given {
  argv?: string[];
  env?: Record<string, string>;
  dotenv?: string;
}

/** The configuration of a real command line. */
function configOf({ argv = [], env = {}, dotenv }: Given): Config {
  const program = new Command().exitOverride();
  for (const option of globalOptions().values()) program.addOption(option);
  program.parse(argv, { from: "user" });
  return resolveConfig({ flags: program.opts(), env, cwd: folder(dotenv) });
}

test("with nothing given, everything is the default", () => {
  const cwd = folder();
  expect(resolveConfig({ flags: {}, env: {}, cwd })).toEqual({
    profile: undefined,
    region: undefined,
    state: join(cwd, "peerctl.state.json"),
    lockTimeout: 0,
    name: "peerctl",
    endpointUrl: undefined,
    lab: false,
    cidrs: [],
    peerings: [],
    sshFrom: undefined,
    instanceType: undefined,
    image: undefined,
    sshProxy: undefined,
    callerIpUrl: "https://checkip.amazonaws.com",
    json: false,
    yes: false,
    verbose: false,
    color: true,
    topology: defaultTopology(),
    given: {},
  });
});

const typed: [argv: string[], expected: Partial<Config>][] = [
  [["--profile", "sandbox"], { profile: "sandbox" }],
  [["--region", "us-gov-west-1"], { region: "us-gov-west-1" }],
  [["--state", "/var/lib/x.json"], { state: "/var/lib/x.json" }],
  [["--lock-timeout", "0.5"], { lockTimeout: 0.5 }],
  [["--name", "ci-42"], { name: "ci-42" }],
  [["--endpoint-url", "http://localhost:5000/"], { endpointUrl: "http://localhost:5000" }],
  [["--lab"], { lab: true }],
  [
    ["--cidr", "vpc-1=10.8.0.0/16", "--cidr", "vpc-2=10.9.0.0/16"],
    { cidrs: ["vpc-1=10.8.0.0/16", "vpc-2=10.9.0.0/16"] },
  ],
  [["--peering", "vpc-2~vpc-1"], { peerings: ["vpc-2~vpc-1"] }],
  [["--ssh-from", "198.51.100.7"], { sshFrom: "198.51.100.7/32" }],
  [["--instance-type", "t4g.nano"], { instanceType: "t4g.nano" }],
  [["--image", "ami-0123456789abcdef0"], { image: "ami-0123456789abcdef0" }],
  [["--json", "--yes", "--verbose", "--no-color"], { json: true, yes: true, verbose: true, color: false }],
];

test.each(typed)("the command line %j", (argv, expected) => {
  expect(configOf({ argv })).toMatchObject(expected);
});

test("the topology is what the blocks and peerings come to", () => {
  const { topology } = configOf({
    argv: ["--cidr", "vpc-2=10.9.0.0/20"],
    env: { PEERCTL_PEERINGS: "vpc-2~vpc-1" },
  });
  expect(topology.vpcs.map(({ cidr, subnetCidr }) => [cidr, subnetCidr])).toEqual([
    ["10.1.0.0/16", "10.1.0.0/24"],
    ["10.9.0.0/20", "10.9.0.0/24"],
  ]);
  expect(topology.peerings).toEqual([{ requester: "vpc-2", accepter: "vpc-1" }]);
});

const precedence: [what: string, given: Given, expected: Partial<Config>, source: Config["given"]][] = [
  [
    "a flag beats the environment and .env",
    { argv: ["--region", "us-east-1"], env: { AWS_REGION: "us-east-2" }, dotenv: "AWS_REGION=us-west-1" },
    { region: "us-east-1" },
    { region: { name: "--region", kind: "flag" } },
  ],
  [
    "the environment beats .env, whatever the variable",
    { env: { AWS_DEFAULT_REGION: "us-east-2" }, dotenv: "AWS_REGION=us-west-1" },
    { region: "us-east-2" },
    { region: { name: "AWS_DEFAULT_REGION", kind: "environment" } },
  ],
  [
    ".env beats the default",
    { dotenv: "# a comment\nexport AWS_REGION='us-west-1'\n" },
    { region: "us-west-1" },
    { region: { name: "AWS_REGION", kind: ".env" } },
  ],
  [
    "the first variable of a setting counts",
    { env: { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-2" } },
    { region: "us-east-1" },
    { region: { name: "AWS_REGION", kind: "environment" } },
  ],
  [
    "an empty variable is not set, and hides the one in .env",
    { env: { AWS_PROFILE: "" }, dotenv: "AWS_PROFILE=sandbox" },
    { profile: undefined },
    {},
  ],
  [
    "a list on the command line replaces the environment's",
    { argv: ["--cidr", "vpc-1=10.8.0.0/16"], env: { PEERCTL_CIDRS: "vpc-2=10.9.0.0/16" } },
    { cidrs: ["vpc-1=10.8.0.0/16"] },
    { cidrs: { name: "--cidr", kind: "flag" } },
  ],
  [
    "a list in a variable has commas or blanks between its items",
    { env: { PEERCTL_CIDRS: "a=10.8.0.0/16, b=10.9.0.0/16  c=10.10.0.0/16," } },
    { cidrs: ["a=10.8.0.0/16", "b=10.9.0.0/16", "c=10.10.0.0/16"] },
    { cidrs: { name: "PEERCTL_CIDRS", kind: "environment" } },
  ],
  [
    "--lab beats a URL of the environment",
    { argv: ["--lab"], env: { AWS_ENDPOINT_URL: "http://localhost:5000" } },
    { lab: true, endpointUrl: undefined },
    { lab: { name: "--lab", kind: "flag" } },
  ],
  [
    "--endpoint-url beats a lab of the environment",
    { argv: ["--endpoint-url", "http://localhost:5000"], env: { PEERCTL_LAB: "1" } },
    { lab: false, endpointUrl: "http://localhost:5000" },
    { endpointUrl: { name: "--endpoint-url", kind: "flag" } },
  ],
  [
    "a lab that is not wanted leaves the URL alone",
    { env: { PEERCTL_LAB: "0", AWS_ENDPOINT_URL: "http://localhost:5000" } },
    { lab: false, endpointUrl: "http://localhost:5000" },
    {
      lab: { name: "PEERCTL_LAB", kind: "environment" },
      endpointUrl: { name: "AWS_ENDPOINT_URL", kind: "environment" },
    },
  ],
];

test.each(precedence)("%s", (_what, given, expected, source) => {
  const config = configOf(given);
  expect(config).toMatchObject(expected);
  expect(config.given).toEqual(source);
});

test.each([
  ["1", true],
  ["true", true],
  ["YES", true],
  ["on", true],
  ["0", false],
  ["false", false],
  ["no", false],
  ["off", false],
  ["", false],
])("a switch set to '%s' by a variable is %s", (text, on) => {
  const config = configOf({ env: { PEERCTL_YES: text, PEERCTL_NO_COLOR: text } });
  expect([config.yes, config.color]).toEqual([on, !on]);
});

test("NO_COLOR counts whatever its text is, and peerctl's own variable beats it", () => {
  expect(configOf({ env: { NO_COLOR: "0" } }).color).toBe(false);
  expect(configOf({ env: { NO_COLOR: "" } }).color).toBe(true);
  expect(configOf({ env: { NO_COLOR: "1", PEERCTL_NO_COLOR: "0" } }).color).toBe(true);
});

const refused: [given: Given, message: string, remedy: string][] = [
  [{ argv: ["--region", "useast1"] }, "--region: 'useast1' is not an AWS Region", "us-east-1"],
  [{ argv: ["--region", ""] }, "--region: '' is not an AWS Region", "us-east-1"],
  [{ env: { AWS_REGION: "US-EAST-1" } }, "AWS_REGION: 'US-EAST-1' is not an AWS Region", "us-east-1"],
  [{ dotenv: "AWS_REGION=moon" }, "AWS_REGION in .env: 'moon' is not an AWS Region", "us-east-1"],
  [
    { argv: ["--region", "eu-west-1b"] },
    "--region: 'eu-west-1b' is an Availability Zone, not a Region",
    "its Region is eu-west-1",
  ],
  [{ argv: ["--name", "My Stack"] }, "--name: 'My Stack' cannot name a stack", "lower-case"],
  [{ argv: ["--name", "a".repeat(65)] }, `--name: '${"a".repeat(65)}' cannot name a stack`, "64"],
  [{ argv: ["--profile", " "] }, "--profile: it is empty", "leave it out"],
  [
    { argv: ["--endpoint-url", "localhost:5000"] },
    "--endpoint-url: 'localhost:5000' is not an http",
    "http://",
  ],
  [
    { argv: ["--endpoint-url", "ftp://x"] },
    "--endpoint-url: 'ftp://x' is not an http or https URL",
    "http://",
  ],
  [
    { argv: ["--endpoint-url", "http://user:hunter2@localhost:5000"] },
    "--endpoint-url: a user or a password in the URL is not taken",
    "without",
  ],
  [
    { dotenv: "PEERCTL_CALLER_IP_URL=https://token@ip.example" },
    "PEERCTL_CALLER_IP_URL in .env: a user or a password in the URL is not taken",
    "without",
  ],
  [
    { env: { PEERCTL_SSH_PROXY: "https://proxy:3128" } },
    "PEERCTL_SSH_PROXY: the proxy has to be an http URL",
    "http://",
  ],
  [{ argv: ["--ssh-from", "everyone"] }, "--ssh-from: 'everyone' is not an IPv4 block", "198.51.100.7/32"],
  [
    { argv: ["--ssh-from", "2001:db8::1"] },
    "--ssh-from: '2001:db8::1' is not an IPv4 block",
    "198.51.100.7/32",
  ],
  [{ argv: ["--ssh-from", "10.1.2.3/8"] }, "--ssh-from: 10.1.2.3/8 is not where a /8 begins", "10.0.0.0/8"],
  [{ argv: ["--lock-timeout", "1m"] }, "--lock-timeout: '1m' is not a number of seconds", "like 60"],
  [{ env: { PEERCTL_LOCK_TIMEOUT: "-1" } }, "PEERCTL_LOCK_TIMEOUT: '-1' is not a number", "like 60"],
  [{ argv: ["--instance-type", "micro"] }, "--instance-type: 'micro' is not an instance type", "t3.micro"],
  [{ argv: ["--image", "al2023"] }, "--image: 'al2023' is not an image", "ami-"],
  [{ env: { PEERCTL_JSON: "maybe" } }, "PEERCTL_JSON: 'maybe' is neither yes nor no", "1 for yes"],
  [{ argv: ["--cidr", "vpc-1=10.1.2.3/16"] }, "vpc-1: 10.1.2.3/16 is not where a /16 begins", "10.1.0.0/16"],
  [{ argv: ["--cidr", ""] }, "--cidr: it is empty", "leave it out"],
  [{ argv: ["--peering", "vpc-1~vpc-9"] }, "names vpc-9, and there is no such VPC", "vpc-1, vpc-2"],
  [
    { argv: ["--lab", "--endpoint-url", "http://localhost:5000"] },
    "--lab and --endpoint-url name two endpoints",
    "one of them",
  ],
];

test.each(refused)("%j is refused in one line that names the source", (given, message, remedy) => {
  const error = thrownBy(() => configOf(given));
  expect(error.message).toContain(message);
  expect(error.message).not.toContain("\n");
  expect(error.remedy).toContain(remedy);
});

test.each([
  ["PEERCTL_SSH_PROXY", "user:hunter2@proxy:3128"],
  ["PEERCTL_SSH_PROXY", "https://user:hunter2@proxy:3128"],
  ["AWS_ENDPOINT_URL", "http://user:hunter2@127.0.0.1:4566"],
  ["AWS_ENDPOINT_URL", "http://hunter2@127.0.0.1:4566"],
  ["PEERCTL_CALLER_IP_URL", "user:hunter2@ip.example"],
])("a password in %s is not repeated in the error", (name, url) => {
  const error = thrownBy(() => configOf({ env: { [name]: url } }));
  expect(`${error.message} ${error.remedy} ${error.stack}`).not.toContain("hunter2");
});

test("a proxy may have a password", () => {
  const url = "http://user:hunter2@proxy.example:3128";
  expect(configOf({ env: { PEERCTL_SSH_PROXY: url } }).sshProxy).toBe(url);
});

describe(".env", () => {
  test("does not touch the process's environment, nor the one that was passed", () => {
    const env = {};
    const before = { ...process.env };
    resolveConfig({ flags: {}, env, cwd: folder("AWS_PROFILE=sandbox\nPEERCTL_YES=1\n") });
    expect(env).toEqual({});
    expect(process.env).toEqual(before);
  });

  test("that is a folder, as Python's virtual environments are, is no .env", () => {
    const cwd = folder();
    mkdirSync(join(cwd, ".env"));
    expect(resolveConfig({ flags: {}, env: {}, cwd }).given).toEqual({});
  });
});

function thrownBy(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error("nothing was thrown");
}
