import { type Command, Option } from "commander";
import type { LabStartOptions } from "../commands/lab.ts";
import { labDefaults } from "../commands/lab-defaults.ts";
import type { Run } from "../commands/run.ts";
import { textAfter } from "./help.ts";
import { wholeNumber } from "./numbers.ts";

/** What an action of commander's becomes. */
type Runs = (
  work: (run: Run, ...args: never[]) => Promise<number>,
) => (this: Command, ...args: unknown[]) => Promise<void>;

/** Adds the subcommands of `lab` to it. */
export function addLab(lab: Command, runs: Runs): void {
  lab.helpCommand(false);
  lab
    .command("start")
    .description("Start the lab in the background")
    .addOption(
      new Option("--port <port>", "the port on 127.0.0.1; 0 for any that is free")
        .argParser(wholeNumber)
        .default(undefined, "the last one, or 4580"),
    )
    .addOption(
      new Option("--timing <timing>", "how its time runs: at once, or about as long as AWS takes")
        .choices(["instant", "aws"])
        .default(undefined, labDefaults.timing),
    )
    .addOption(
      new Option("--seed <n>", "for ids and times that repeat")
        .argParser(wholeNumber)
        .default(undefined, String(labDefaults.seed)),
    )
    .addOption(
      new Option("--data-plane <plane>", "what moves packets: the kernel's namespaces, or a model")
        .choices(["auto", "linux", "model"])
        .env("PEERCTL_LAB_DATA_PLANE")
        .default(undefined, labDefaults.dataPlane),
    )
    .option("--foreground", "stay in this terminal", false)
    .addHelpText("after", textAfter("nothing", "peerctl lab start --timing aws"))
    .action(
      runs(async (run, options: LabStartOptions) => {
        const { labStart } = await import("../commands/lab.ts");
        return labStart(run, options);
      }),
    );
  lab
    .command("tcpdump")
    .description("Show the packets at an instance's interface as they come and go; Ctrl-C ends it")
    .argument("<instance>", "its id, or one of its addresses where no other instance has that")
    .argument("[filter...]", "as tcpdump takes it, e.g. icmp")
    .addHelpText(
      "after",
      textAfter("a running lab with real packets, and tcpdump", "peerctl lab tcpdump 10.2.0.4 icmp"),
    )
    .action(
      runs(async (run, instance: string, filter: string[]) => {
        const { labTcpdump } = await import("../commands/lab-tcpdump.ts");
        return labTcpdump(run, instance, filter.join(" "));
      }),
    );
  const plain = [
    ["stop", "Stop the lab; its tables are kept for the next start", "labStop"],
    ["status", "Say whether the lab runs, and where", "labStatus"],
    ["env", "Print the exports by which the AWS CLI, boto3 and Terraform use the lab", "labEnv"],
  ] as const;
  for (const [name, summary, handler] of plain) {
    lab
      .command(name)
      .description(summary)
      .addHelpText(
        "after",
        textAfter(
          name === "env" ? "a running lab" : "nothing",
          name === "env" ? 'eval "$(peerctl lab env)" && aws ec2 describe-vpcs' : `peerctl lab ${name}`,
        ),
      )
      .action(
        runs(async (run) => {
          const commands = await import("../commands/lab.ts");
          return commands[handler](run);
        }),
      );
  }
}
