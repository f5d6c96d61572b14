import { Argument, Command, Option } from "commander";
import { commandAt, helpStyle, optionsForHelp, textAfter } from "./cli/help.ts";
import { addLab } from "./cli/lab.ts";
import { decimal, wholeNumber } from "./cli/numbers.ts";
import type { DoctorOptions } from "./commands/doctor.ts";
import type { GraphOptions } from "./commands/graph.ts";
import type { Run } from "./commands/run.ts";
import { type Shell, shells } from "./completion/script.ts";
import { UserError } from "./errors.ts";
import type { Doing } from "./report/stopped.ts";
import type { StepName } from "./steps/step.ts";

/** What a command line asks for. Each command's code is loaded only when it runs. */
export type Dispatch = (
  /** As typed. */
  flags: Record<string, unknown>,
  work: (run: Run) => Promise<number>,
  /** The subcommand without its arguments, e.g. `peerctl lab start`: arguments may be secret. */
  command: string,
  doing: Doing,
) => Promise<void>;

const making: readonly { name: StepName; short: string; summary: string; needs: string }[] = [
  {
    name: "create-vpcs",
    short: "Make the VPCs with subnet, gateway and route table",
    summary: "Make the VPCs, each with a public subnet, an internet gateway and a route table",
    needs: "credentials and a Region, or --lab",
  },
  {
    name: "peer",
    short: "Request the peering between the VPCs, and accept it",
    summary: "Request the peering connection between the VPCs and accept it",
    needs: "create-vpcs",
  },
  {
    name: "route",
    short: "Send each VPC's traffic for its peer over the peering",
    summary: "Add a route to the peer's CIDR in the route tables of both VPCs",
    needs: "create-vpcs, peer",
  },
  {
    name: "launch",
    short: "Launch an instance in each VPC",
    summary: "Launch an instance without a key pair in each VPC, with a security group of its own",
    needs: "create-vpcs",
  },
  {
    name: "eip",
    short: "Give the connecting instance a public address",
    summary: "Give the connecting instance a public address: an Elastic IP on its network interface",
    needs: "create-vpcs, launch",
  },
  {
    name: "open-icmp",
    short: "Let pings from the peer in",
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
    .configureHelp(helpStyle)
    .showSuggestionAfterError()
    .exitOverride();
  for (const option of optionsForHelp()) root.addOption(option);
  root.addHelpText(
    "after",
    `
Start here:
  peerctl --lab up
  peerctl --lab test-ping
  peerctl --lab down

peerctl help COMMAND says more of each.`,
  );

  const command = (name: string, description: string, needs: string, example: string): Command =>
    root.command(name).description(description).addHelpText("after", textAfter(needs, example));
  const runs = (work: (run: Run, ...args: never[]) => Promise<number>) =>
    async function (this: Command, ...args: unknown[]) {
      // Commander hands over the arguments, then the options, then the command.
      const given = args.slice(0, -1);
      const flags = this.optsWithGlobals();
      await dispatch(
        flags,
        (run) => work(run, ...(given as never[])),
        wordsOf(this),
        doingOf(this.name(), flags),
      );
    };

  root.commandsGroup("Make:");
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

  for (const { name, short, summary, needs } of making) {
    const step = command(name, summary, needs, `peerctl ${name}`).summary(short);
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

  root.commandsGroup("Look at it, use it:");
  command(
    "test-ping",
    "Ping over the peering for real, from one instance to the other; exit code 2 and the reason if packets are lost",
    "all steps; before, it says which one is missing",
    "peerctl test-ping --count 10",
  )
    .summary("Ping over the peering for real; if it fails, say why")
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

  command(
    "status",
    "Compare the state file with AWS, resource by resource; exit code 2 where they differ",
    "credentials and a Region, or --lab",
    "peerctl status --json",
  )
    .summary("Compare the state file with AWS")
    .action(
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
    .summary("Say whether FROM reaches TO; if not, what mends it")
    .argument("[from]", "a VPC of the stack, an instance, a network interface, an address, internet or me")
    .argument("[to]", "likewise; without both, every pair of the stack's VPCs")
    .addOption(
      new Option("--protocol <protocol>", "what is sent").choices(["icmp", "tcp", "udp"]).default("icmp"),
    )
    .option("--port <port>", "the destination's port, for tcp and udp", wholeNumber)
    .option("--fix", "run the peerctl commands among those that mend it, after asking")
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
    "graph",
    "Draw the VPCs with their subnets, routes, peerings, instances and what is open",
    "credentials and a Region, or --lab; or a saved snapshot",
    "peerctl graph --format svg --output topology.svg",
  )
    .summary("Draw the VPCs, routes, peerings and what is open")
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
    .summary("Open a shell on an instance, or run one command there")
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

  root.commandsGroup("Remove it, bring it back:");
  type Undoing = { dryRun?: boolean; uuid?: string };
  const undo = async (run: Run, steps: readonly string[], { dryRun = false, uuid }: Undoing) => {
    const { teardown } = await import("./commands/teardown.ts");
    const names = steps.length > 0 ? (steps as StepName[]) : stepNames;
    return teardown(run, { names, dryRun, uuid });
  };
  command(
    "down",
    "Remove everything: the same as teardown without steps",
    "the state file; without one it finds the stack by its tags (--name)",
    "peerctl down --yes",
  )
    .summary("Remove everything, and say what is left")
    .option("--dry-run", "show what would be deleted, and delete nothing")
    .option("--uuid <uuid>", "which stack, where several have the name")
    .action(runs((run, options: Undoing) => undo(run, [], options)));
  command(
    "teardown",
    "Undo the named steps and what rests on them, or everything, which ends with an audit of what is left",
    "the state file; without one it finds the stack by its tags (--name)",
    "peerctl teardown eip open-icmp",
  )
    .summary("Undo the named steps and what rests on them")
    .addArgument(new Argument("[step...]", "the steps to undo").choices(stepNames))
    .option("--dry-run", "show what would be deleted, and delete nothing")
    .option("--uuid <uuid>", "which stack, where several have the name")
    .action(runs(undo));

  command(
    "recover",
    "Rebuild a lost state file from the stack's tags; changes nothing on AWS",
    "the stack's name, if it is not the default",
    "peerctl recover --name peerctl",
  )
    .summary("Rebuild a lost state file from tags")
    .option("--uuid <uuid>", "which stack, where several have the name")
    .action(
      runs(async (run, { uuid }: { uuid?: string }) => {
        const { recover } = await import("./commands/recover.ts");
        return recover(run, uuid);
      }),
    );

  root.commandsGroup("More:");
  const lab = command(
    "lab",
    "The EC2 that comes with peerctl: an endpoint on this machine, with instances that answer to SSH and ping",
    "nothing",
    'peerctl lab start && eval "$(peerctl lab env)" && aws ec2 describe-vpcs',
  ).summary("The EC2 that comes with peerctl: no account is needed");
  addLab(lab, runs);

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
  command("help", "Show the help of a command", "nothing", "peerctl help lab start")
    .argument("[command...]", "which; without one, the program's help")
    .action((words: string[]) => {
      const found = commandAt(root, words);
      if (!found) throw new UserError(`there is no command "${words.join(" ")}"`, "see all: peerctl --help");
      found.outputHelp();
    });
  return root;
}

function wordsOf(command: Command): string {
  return `${command.parent ? `${wordsOf(command.parent)} ` : ""}${command.name()}`;
}

/** `fix` makes what is missing. */
function doingOf(name: string, { dryRun, fix }: { dryRun?: boolean; fix?: boolean }): Doing {
  if (dryRun) return "looks";
  if (name === "down" || name === "teardown") return "removes";
  return name === "up" || fix || making.some((step) => step.name === name) ? "makes" : "looks";
}

async function makeSteps(run: Run, names: readonly StepName[]): Promise<number> {
  const [{ make }, { steps }] = await Promise.all([import("./commands/make.ts"), import("./steps/index.ts")]);
  return make(
    run,
    steps.filter(({ name }) => names.includes(name)),
  );
}
