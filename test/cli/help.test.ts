import { expect, test } from "vitest";
import { place } from "../support/program.ts";

const { peerctl, start } = place({ withLab: false });

test("help and version, and what is not there", async () => {
  const version = await peerctl("--version");
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
  const help = await peerctl("--help");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("Peer VPCs on AWS, prove it with a ping, leave nothing behind");
  expect(help.stdout).toContain("peerctl --lab up");

  const command = await peerctl("pier");
  expect(command).toMatchObject({ code: 1, stdout: "" });
  expect(command.stderr).toBe("error: unknown command 'pier'\n(Did you mean peer?)\n");
  const option = await peerctl("up", "--dryrun");
  expect(option).toMatchObject({ code: 1, stdout: "" });
  expect(option.stderr).toContain("error: unknown option '--dryrun'\n(Did you mean --dry-run?)");
  const step = await peerctl("teardown", "eips");
  expect(step.code).toBe(1);
  expect(step.stderr).toContain("Allowed choices are create-vpcs, peer, route, launch, eip, open-icmp");
  const sides = await peerctl("peer", "--accept", "--decline");
  expect(sides.code).toBe(1);
  expect(sides.stderr).toContain("cannot be used with");
  for (const args of [[], ["lab"]]) {
    const nothing = await peerctl(...args);
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain("Usage: peerctl");
  }
});

/** The commands that a help lists, under whatever heading. */
function commandsIn(help: string): string[] {
  const sections = help.split("\n\n").filter((part) => /^[A-Z][\w, ]+:\n {2}[a-z]/.test(part));
  const lists = sections.filter((part) => !/^(Start here|Example):/.test(part));
  return lists.flatMap((part) => [...part.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name]) => name!));
}

async function everyCommand(): Promise<string[][]> {
  const names = commandsIn((await peerctl("--help")).stdout);
  const lab = commandsIn((await peerctl("lab", "--help")).stdout);
  return [...names.map((name) => [name]), ...lab.map((name) => ["lab", name])];
}

test("every subcommand's help has a sentence, what it needs and an example, in 80 columns", async () => {
  const all = await everyCommand();
  const lines = all.map((words) => words.join(" "));
  expect(lines).toEqual([
    ...["up", "create-vpcs", "peer", "route", "launch", "eip", "open-icmp"],
    ...["test-ping", "status", "doctor", "graph", "connect"],
    ...["down", "teardown", "recover"],
    ...["lab", "completion", "help"],
    ...["lab start", "lab tcpdump", "lab stop", "lab status", "lab env"],
  ]);
  for (const words of all) {
    const help = await peerctl(...words, "--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    const [usage, , ...rest] = help.stdout.split("\n");
    expect(usage).toMatch(new RegExp(`^Usage: peerctl ${words.join(" ")}`));
    expect(rest[0], words.join(" ")).toMatch(/^[A-Z].{20}/);
    expect(help.stdout, words.join(" ")).toMatch(/\nNeeds: \S.*\n\nExample:\n {2}peerctl \S|\n {2}eval/);
    const named = /Every command takes these too \(see peerctl --help\):\n((?: {2}.*\n)+)$/.exec(help.stdout);
    expect((named?.[1] ?? "").trim().split(/\s+/), words.join(" ")).toContain("--json");
    expect(help.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  }
});

test("help alone is --help: the commands, each in a line, then the options with their defaults", async () => {
  const help = await peerctl("help");
  expect(help).toEqual(await peerctl("--help"));
  expect(help.stdout.indexOf("\nMake:\n")).toBeLessThan(help.stdout.indexOf("\nOptions:\n"));
  expect(help.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  const flat = help.stdout.replace(/\s+/g, " ");
  for (const text of [
    "what was made (default: peerctl.state.json)",
    "to work in (default: the profile's)",
    "CIDR alone is vpc-1's, the next one vpc-2's (default: vpc-1=10.1.0.0/16, vpc-2=10.2.0.0/16)",
  ]) {
    expect(flat).toContain(text);
  }
  for (const words of [["peer"], ["lab", "start"]]) {
    expect(await peerctl("help", ...words)).toEqual(await peerctl(...words, "--help"));
  }
  const up = (await peerctl("up", "--help")).stdout;
  expect(up).toContain("--cidr <name=cidr>");
  expect(up).toContain("--instance-type <type>");
  expect((await peerctl("status", "--help")).stdout).not.toContain("--cidr");
  const start = (await peerctl("help", "lab", "start")).stdout.replace(/\s+/g, " ");
  expect(start).toContain("(instant, aws; default: instant)");
  expect(await peerctl("help", "lab", "go")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: 'peerctl: there is no command "lab go"\n  see all: peerctl --help\n',
  });
});

test("completion for the three shells", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await peerctl("completion", shell);
    expect(code).toBe(0);
    expect(stdout).toContain("test-ping");
  }
  expect((await peerctl("completion", "tcsh")).code).toBe(1);
});

test("a reader that has seen enough is no error", async () => {
  const { child, ended } = start(["completion", "bash"]);
  child.stdout!.destroy();
  const { code, stderr } = await ended;
  expect(stderr).toBe("");
  expect([0, 141]).toContain(code);
});
