import { Argument, Command, Option } from "commander";
import type { DoctorOptions } from "./commands/doctor.ts";
import type { GraphOptions } from "./commands/graph.ts";
import type { Run } from "./commands/run.ts";
import { type Shell, shells } from "./completion/script.ts";
import { globalOptions } from "./config/options.ts";
import { UserError } from "./errors.ts";
import type { StepName } from "./steps/step.ts";

/** What a command line asks for: the flags as typed, and the work. Each command's code is loaded only when it runs. */
export type Dispatch = (flags: Record<string, unknown>, work: (run: Run) => Promise<number>) => Promise<void>;

const making: readonly { name: StepName; summary: string; needs: string }[] = [
  {
    name: "create-vpcs",
    summary: "Make the VPCs, each with a public subnet, an internet gateway and a route table",
    needs: "credentials and a Region, or --lab",
  },
  {
    name: "peer",
    summary: "Request the peering connection between the VPCs and accept it",
    needs: "create-vpcs",
  },
  {
    name: "route",
    summary: "Add a route to the peer's CIDR in the route tables of both VPCs",
    needs: "create-vpcs, peer",
  },
  {
    name: "launch",
    summary: "Launch an instance without a key pair in each VPC, with a security group of its own",
    needs: "create-vpcs",
  },
  {
    name: "eip",
    summary: "Give the connecting instance a public address: an Elastic IP on its network interface",
    needs: "create-vpcs, launch",
  },
  {
    name: "open-icmp",
    summary: "Let pings from the peer's CIDR in through the other instance's security group",
    needs: "launch",
  },
];

const stepNames = making.map(({ name }) => name);

/** The program: every subcommand with its options and help, and nothing else. */
export function program(version: string, dispatch: Dispatch): Command {
  const root = new Command("peerctl")
    .description("Peer VPCs on AWS, prove it with a ping, leave nothing behind")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride();
  for (const option of globalOptions().values()) root.addOption(option);
  root.addHelpText(
    "after",
    "\nStart here:\n  peerctl --lab up\n  peerctl --lab test-ping\n  peerctl --lab down",
  );

  const command = (name: string, summary: string, needs: string, example: string): Command =>
    root
      .command(name)
      .description(summary)
      .configureHelp({ showGlobalOptions: true })
      .addHelpText("after", `\nNeeds: ${needs}\n\nExample:\n  ${example}`);
  const runs = (work: (run: Run, ...args: never[]) => Promise<number>) =>
    async function (this: Command, ...args: unknown[]) {
      // Commander hands over the arguments, then the options, then the command.
      const given = args.slice(0, -1);
      await dispatch(this.optsWithGlobals(), (run) => work(run, ...(given as never[])));
    };

  for (const { name, summary, needs } of making) {
    const step = command(name, summary, needs, `peerctl ${name}`);
    if (name === "peer") {
      step
        .addOption(new Option("--accept", "only accept what was requested").conflicts("decline"))
        .addOption(new Option("--no-accept", "only request it; it stays pending until it is accepted"))
        .addOption(new Option("--decline", "only reject what was requested").conflicts("accept"))
        .action(
          runs(async (run, options: { accept?: boolean; decline?: boolean }) => {
            const { makePeerings } = await import("./commands/peer.ts");
            return makePeerings(run, options);
          }),
        );
    } else step.action(runs((run) => makeSteps(run, [name])));
  }

  command(
    "up",
    "Make everything, all steps at once",
    "credentials and a Region, or --lab",
    "peerctl up --yes",
  )
    .option("--dry-run", "show what would be made, and make nothing")
    .action(
      runs(async (run, { dryRun }: { dryRun?: boolean }) => {
        if (!dryRun) return makeSteps(run, stepNames);
        const { planUp } = await import("./commands/plan.ts");
        return planUp(run);
      }),
    );

  command(
    "test-ping",
    "Ping over the peering for real, from one instance to the other; exit code 2 and the reason if packets are lost",
    "all steps; before, it says which one is missing",
    "peerctl test-ping --count 10",
  )
    .option("--count <n>", "how many echo requests", wholeNumber, 4)
    .option("--interval <seconds>", "the time between them", decimal, 1)
    .option("--size <bytes>", "how much data each carries", wholeNumber, 56)
    .option("--trace", "count the packets at each group and router on the way (the lab's real packets only)")
    .action(
      runs(async (run, options: { count: number; interval: number; size: number; trace?: boolean }) => {
        const { testPing } = await import("./commands/test-ping.ts");
        return testPing(run, options);
      }),
    );

  const undo = async (run: Run, names: readonly string[], { dryRun }: { dryRun?: boolean }) => {
    const { teardown } = await import("./commands/teardown.ts");
    return teardown(run, names.length > 0 ? (names as StepName[]) : stepNames, dryRun === true);
  };
  command(
    "teardown",
    "Undo the named steps and what rests on them, or everything, which ends with an audit of what is left",
    "nothing: without a state file it finds the stack by its tags (--name)",
    "peerctl teardown eip open-icmp",
  )
    .addArgument(new Argument("[step...]", "the steps to undo").choices(stepNames))
    .option("--dry-run", "show what would be deleted, and delete nothing")
    .action(runs(undo));
  command(
    "down",
    "Remove everything: the same as teardown without steps",
    "nothing: without a state file it finds the stack by its tags (--name)",
    "peerctl down --yes",
  )
    .option("--dry-run", "show what would be deleted, and delete nothing")
    .action(runs((run, options: { dryRun?: boolean }) => undo(run, [], options)));

  command(
    "status",
    "Compare the state file with AWS, resource by resource; exit code 2 where they differ",
    "credentials and a Region, or --lab",
    "peerctl status --json",
  ).action(
    runs(async (run) => {
      const { status } = await import("./commands/status.ts");
      return status(run);
    }),
  );

  command(
    "doctor",
    "Say whether FROM reaches TO, hop by hop, and what clears each thing in the way; exit code 2 for no",
    "credentials and a Region, or --lab; or a saved snapshot",
    "peerctl doctor vpc-1 vpc-2\n  peerctl doctor me i-0123456789abcdef0 --protocol tcp --port 22",
  )
    .argument("[from]", "a VPC of the stack, an instance, a network interface, an address, internet or me")
    .argument("[to]", "likewise; without both, every pair of the stack's VPCs")
    .addOption(
      new Option("--protocol <protocol>", "what is sent").choices(["icmp", "tcp", "udp"]).default("icmp"),
    )
    .option("--port <port>", "the destination's port, for tcp and udp", wholeNumber)
    .option("--fix", "run the peerctl commands that mend what is the stack's own, after asking")
    .option("--explain", "say more of each thing on the way")
    .option("--verify", "send real packets too, and say where they and the tables disagree")
    .option("--snapshot <file...>", "ask saved tables; those of several accounts or Regions are joined")
    .option("--save <file>", "save the tables: ids, addresses and rules")
    .option("--with-tags", "save the tags too")
    .option("--with-accounts", "save the account numbers too")
    .action(
      runs(async (run, from: string | undefined, to: string | undefined, options: DoctorOptions) => {
        const { doctor } = await import("./commands/doctor.ts");
        return doctor(run, from, to, options);
      }),
    );

  command(
    "recover",
    "Rebuild a lost state file from the stack's tags; changes nothing on AWS",
    "the stack's name, if it is not the default",
    "peerctl recover --name peerctl",
  )
    .option("--uuid <uuid>", "which stack, where several have the name")
    .action(
      runs(async (run, { uuid }: { uuid?: string }) => {
        const { recover } = await import("./commands/recover.ts");
        return recover(run, uuid);
      }),
    );

  command(
    "graph",
    "Draw the VPCs with their subnets, routes, peerings, instances and what is open",
    "credentials and a Region, or --lab; or a saved snapshot",
    "peerctl graph --format svg --output topology.svg",
  )
    .argument("[vpc...]", "the VPCs to draw, by name or id; without any, the stack's")
    .addOption(
      new Option("--format <format>", "what it is drawn as")
        .choices(["mermaid", "dot", "svg"])
        .default("mermaid"),
    )
    .option("--snapshot <file...>", "draw saved tables")
    .option("--output <file>", "write it there, and not to stdout")
    .action(
      runs(async (run, vpcs: string[], options: GraphOptions) => {
        const { graph } = await import("./commands/graph.ts");
        return graph(run, vpcs, options);
      }),
    );

  command(
    "connect",
    "Open a shell on an instance by EC2 Instance Connect, or run one command there",
    "launch, eip",
    "peerctl connect vpc-1 -- ip route",
  )
    .argument("[vpc]", "the instance's VPC")
    .argument("[command...]", "what to run there, after --")
    .action(
      runs(async (run, first: string | undefined, rest: string[]) => {
        const { connectTo } = await import("./commands/connect.ts");
        const words = first === undefined ? [] : [first, ...rest];
        // Commander does not tell what stood before `--`: where nothing did, all of it is the command.
        const { rawArgs } = root as Command & { rawArgs: readonly string[] };
        const dashes = rawArgs.indexOf("--");
        const isAllCommand = dashes >= 0 && rawArgs.length - dashes - 1 === words.length;
        return isAllCommand ? connectTo(run, undefined, words) : connectTo(run, first, rest);
      }),
    );

  addLab(root, runs);

  command(
    "completion",
    "Print the completion script for a shell",
    "nothing",
    "peerctl completion bash > ~/.local/share/bash-completion/completions/peerctl",
  )
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action(
      runs(async (run, shell: Shell) => {
        const { completionScript } = await import("./completion/script.ts");
        run.ui.result({ script: completionScript(shell, root) }, completionScript(shell, root).trimEnd());
        return 0;
      }),
    );
  return root;
}

type Runs = (
  work: (run: Run, ...args: never[]) => Promise<number>,
) => (this: Command, ...args: unknown[]) => Promise<void>;

function addLab(root: Command, runs: Runs): void {
  const lab = root
    .command("lab")
    .helpCommand(false)
    .description(
      "The EC2 that comes with peerctl: an endpoint on this machine, with instances that answer to SSH and ping",
    )
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      '\nNeeds: nothing\n\nExample:\n  peerctl lab start && eval "$(peerctl lab env)" && aws ec2 describe-vpcs',
    );
  lab
    .command("start")
    .description("Start the lab in the background")
    .option("--port <port>", "the port on 127.0.0.1; 0 for any that is free", wholeNumber)
    .addOption(
      new Option("--timing <timing>", "how its time runs: at once, or about as long as AWS takes")
        .choices(["instant", "aws"])
        .default("instant"),
    )
    .option("--seed <n>", "for ids and times that repeat", wholeNumber, 1)
    .addOption(
      new Option("--data-plane <plane>", "what moves packets: the kernel's namespaces, or a model")
        .choices(["auto", "linux", "model"])
        .env("PEERCTL_LAB_DATA_PLANE")
        .default("auto"),
    )
    .option("--foreground", "stay in this terminal", false)
    .addHelpText("after", "\nNeeds: nothing\n\nExample:\n  peerctl lab start --timing aws")
    .action(
      runs(
        async (
          run,
          options: {
            port?: number;
            timing: "instant" | "aws";
            seed: number;
            dataPlane: "auto" | "linux" | "model";
            foreground: boolean;
          },
        ) => {
          const { labStart } = await import("./commands/lab.ts");
          return labStart(run, options);
        },
      ),
    );
  lab
    .command("tcpdump")
    .description("Show the packets at an instance's interface as they come and go; Ctrl-C ends it")
    .argument("<instance>", "its id, or one of its addresses")
    .argument("[filter...]", "as tcpdump takes it, e.g. icmp")
    .addHelpText(
      "after",
      "\nNeeds: a running lab with real packets, and tcpdump\n\nExample:\n  peerctl lab tcpdump 10.2.0.4 icmp",
    )
    .action(
      runs(async (run, instance: string, filter: string[]) => {
        const { labTcpdump } = await import("./commands/lab-tcpdump.ts");
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
        `\nNeeds: ${name === "env" ? "a running lab" : "nothing"}\n\nExample:\n  peerctl lab ${name}`,
      )
      .action(
        runs(async (run) => {
          const commands = await import("./commands/lab.ts");
          return commands[handler](run);
        }),
      );
  }
}

async function makeSteps(run: Run, names: readonly StepName[]): Promise<number> {
  const [{ make }, { steps }] = await Promise.all([import("./commands/make.ts"), import("./steps/index.ts")]);
  return make(
    run,
    steps.filter(({ name }) => names.includes(name)),
  );
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UserError(`"${text}" is not a whole number`, "give digits only, e.g. 4");
}

function decimal(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UserError(`"${text}" is not a number`, "give a number, e.g. 0.5");
}
