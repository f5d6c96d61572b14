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

test("every subcommand's help has a sentence, what it needs and an example", async () => {
  const { stdout } = await peerctl("--help");
  const commandsIn = (help: string) =>
    [
      ...help
        .split("\nCommands:\n")[1]!
        .split("\n\n")[0]!
        .matchAll(/^ {2}([a-z][a-z-]+)/gm),
    ].map(([, name]) => name!);
  const names = commandsIn(stdout);
  expect(names).toEqual(
    expect.arrayContaining([
      ...[
        "create-vpcs",
        "peer",
        "route",
        "launch",
        "eip",
        "open-icmp",
        "up",
        "test-ping",
        "teardown",
        "down",
      ],
      ...["status", "connect", "lab", "completion"],
    ]),
  );
  const all = names.map((name) => [name]);
  const lab = await peerctl("lab", "--help");
  all.push(...["start", "tcpdump", "stop", "status", "env"].map((name) => ["lab", name]));
  expect(commandsIn(lab.stdout)).toEqual(["start", "tcpdump", "stop", "status", "env"]);
  for (const words of all) {
    const help = await peerctl(...words, "--help");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    const [usage, , ...rest] = help.stdout.split("\n");
    expect(usage).toMatch(new RegExp(`^Usage: peerctl ${words.join(" ")}`));
    expect(rest[0], words.join(" ")).toMatch(/^[A-Z].{20}/);
    expect(help.stdout, words.join(" ")).toMatch(/\nNeeds: \S.*\n\nExample:\n {2}peerctl \S/);
    expect(help.stdout).toContain("--json");
  }
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
