import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { faults } from "../commands/support/faults.ts";
import { type LabUnderTest, peerctl, startBuiltLab } from "./support/lab.ts";
import { describePeers, program } from "./support/peers.ts";
import { output, run } from "./support/run.ts";

interface Answer {
  reachable: boolean;
  remedies: { command?: string }[];
}

// What peerctl mends by itself, test/commands/doctor-faults.test.ts runs too; here it is the AWS CLI's turn.
const byAws = faults.filter(
  ({ remedies, hopeless }) => !hopeless && remedies.some(({ source }) => !/^\^peerctl/.test(source)),
);

describePeers("doctor's commands in a shell, with the AWS CLI", [program("aws"), program("bash")], () => {
  let lab: LabUnderTest;
  let ec2: EC2;

  beforeAll(async () => {
    lab = await startBuiltLab();
    mkdirSync(join(lab.folder, "bin"));
    const shim = join(lab.folder, "bin", "peerctl");
    writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${peerctl}" "$@"\n`);
    chmodSync(shim, 0o755);
    ec2 = new EC2({
      endpoint: lab.url,
      region: "us-east-1",
      credentials: { accessKeyId: lab.env.AWS_ACCESS_KEY_ID!, secretAccessKey: "lab" },
    });
  });
  afterAll(async () => {
    ec2?.destroy();
    await lab?.stop();
  });

  it.for(byAws.map((fault, place) => ({ ...fault, place })))("$name", async (fault) => {
    const { stack = {}, make, ask = {}, place } = fault;
    await fetch(`${lab.url}/_lab/reset`, { method: "POST" });
    const cwd = join(lab.folder, String(place));
    mkdirSync(cwd);
    const env = { ...lab.env, PATH: `${join(lab.folder, "bin")}:${lab.env.PATH}` };
    const ours = (...args: string[]) => run("peerctl", args, { env, cwd });
    const state = async () =>
      (
        JSON.parse(await output("peerctl", ["--lab", "up", "--json", ...flagsOf(stack)], { env, cwd })) as {
          resources: Record<string, { id: string; attributes: Record<string, string> }>;
        }
      ).resources;
    const resources = stack === "none" ? {} : await state();
    const ends = await make({
      ec2,
      id: (key) => resources[key]!.id,
      eni: (vpc) => resources[`instance/${vpc}`]!.attributes.interface!,
    });
    const question = [
      ...["--lab", "--json", "doctor", ...(ends ?? [ask.from ?? "vpc-1", ask.to ?? "vpc-2"])],
      ...(ask.protocol ? ["--protocol", ask.protocol, "--port", String(ask.port)] : []),
    ];
    const before = await ours(...question);
    expect(before.code, before.stderr).toBe(2);
    const lines = (JSON.parse(before.stdout) as Answer).remedies.map(({ command }) => command!);
    await output("bash", ["-euc", lines.join("\n")], { env, cwd });
    const after = await ours(...question);
    expect(after.code, after.stdout).toBe(0);
  });
});

function flagsOf(stack: { cidr?: string[]; peering?: string[] } | "none"): string[] {
  if (stack === "none") return [];
  const { cidr = [], peering = [] } = stack;
  return [...cidr.flatMap((each) => ["--cidr", each]), ...peering.flatMap((each) => ["--peering", each])];
}
