import { Argument, Command, Option } from "commander";

/** A program with one of everything that the completion knows. */
export function sampleProgram(): Command {
  const program = new Command("peerctl").description("Peer VPCs").version("1.0.0");
  program.option("--state <file>", "the state file").option("-v, --verbose", "say more: it's all there");
  program.addOption(new Option("--region <region>", "the AWS Region"));
  program.addOption(new Option("--secret", "not to be shown").hideHelp());
  program.command("up").summary("make everything").option("--cidr <name=cidr...>", "a block");
  program
    .command("teardown")
    .alias("down")
    .summary("remove it")
    .addArgument(new Argument("[step...]", "steps").choices(["peer", "route", "open-icmp"]));
  program
    .command("connect")
    .description("a shell on an instance:\n  with a terminal")
    .argument("[vpc]", "whose instance")
    .argument("[command...]")
    .option("--from <vpc>", "another VPC");
  program.command("doctor").summary("why").argument("[from]").argument("[to]");
  const lab = program.command("lab").summary("the embedded EC2");
  lab
    .command("start")
    .addOption(new Option("--timing <timing>", "how time runs").choices(["instant", "aws"]))
    .option("--dir [dir]", "where it keeps its tables");
  lab.command("stop");
  program.command("secret", { hidden: true });
  return program;
}

/** The words of a command line up to the cursor, and what must be offered there (in any order). */
export const cases: { line: string[]; offers: string[]; state?: string }[] = [
  { line: [""], offers: ["up", "teardown", "down", "connect", "doctor", "lab", "help"] },
  { line: ["u"], offers: ["up"] },
  { line: ["s"], offers: [] },
  { line: ["-v", "te"], offers: ["teardown"] },
  { line: ["--region", "up"], offers: [] },
  { line: ["--region", "us-east-1", "up", "--c"], offers: ["--cidr"] },
  { line: ["up", "--re"], offers: ["--region"] },
  { line: ["up", "up"], offers: [] },
  { line: ["down", ""], offers: ["peer", "route", "open-icmp"] },
  { line: ["teardown", "peer", "o"], offers: ["open-icmp"] },
  { line: ["lab", "st"], offers: ["start", "stop"] },
  { line: ["lab", "start", "--t"], offers: ["--timing"] },
  { line: ["lab", "start", "--timing", ""], offers: ["instant", "aws"] },
  { line: ["lab", "start", "--timing=a"], offers: ["aws"] },
  { line: ["lab", "start", "--timing", "aws", "--ver"], offers: ["--version", "--verbose"] },
  { line: ["help", "co"], offers: ["connect"] },
  { line: ["lab", "help", "sta"], offers: ["start"] },
  { line: ["connect", ""], offers: ["vpc-1", "vpc-2"] },
  { line: ["connect", "vpc-1", ""], offers: [] },
  { line: ["doctor", ""], offers: ["vpc-1", "vpc-2", "internet", "me"] },
  { line: ["doctor", "me", "r"], offers: ["red-2"], state: "peerctl.state.json" },
  { line: ["doctor", "me", "blue", ""], offers: [] },
  { line: ["connect", "vpc-1", "--", ""], offers: [] },
  { line: ["connect", ""], offers: ["blue", "red-2"], state: "peerctl.state.json" },
  { line: ["connect", "b"], offers: ["blue"], state: "peerctl.state.json" },
  { line: ["--state", "other.json", "connect", ""], offers: ["blue", "red-2"], state: "other.json" },
  { line: ["--state=other.json", "connect", "--from", "r"], offers: ["red-2"], state: "other.json" },
  { line: ["--state", "ot"], offers: ["other.json"], state: "other.json" },
  { line: ["lab", "start", "--dir", "a f"], offers: ["a file"], state: "a file" },
];

/** A state file's text with two VPCs, of which one is only begun, and a word that would be run if it were trusted. */
export const stateText = `${JSON.stringify(
  {
    stack: { name: "x" },
    resources: { "vpc/blue": { id: "vpc-0" }, "subnet/blue": { id: "subnet-0" }, "vpc/$(touch owned)": {} },
    intents: { "vpc/red-2": {} },
  },
  undefined,
  2,
)}\n`;
