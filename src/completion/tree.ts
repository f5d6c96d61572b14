import type { Argument, Command, Option } from "commander";

/** What the shells complete: every command of the program, by the words that spell it. */
export interface CommandNode {
  /** `` for the program itself, `up`, `lab start`. An alias is a node of its own. */
  line: string;
  commands: { name: string; summary: string }[];
  /** Its own options and those of the commands above it, which commander takes there too. */
  flags: Flag[];
  /** The arguments, in order; the last one may repeat. */
  slots: { values: Values; variadic: boolean }[];
}

interface Flag {
  /** `-v` and `--verbose`, or one of them. */
  names: string[];
  description: string;
  /** Absent where the option takes no value. */
  values?: Values;
}

/**
 * What a value may be: fixed words, the stack's VPCs, an end of a path (those, or who stands outside of them), a file, or
 * something that only the person knows.
 */
export type Values = readonly string[] | "vpcs" | "ends" | "files" | "any";

export function commandNodes(program: Command): CommandNode[] {
  return nodesOf(program, "", []);
}

function nodesOf(command: Command, line: string, inherited: readonly Flag[]): CommandNode[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const own = help.visibleOptions(command).map(flagOf);
  const flags = [...own, ...inherited.filter((flag) => !own.some((each) => overlap(each, flag)))];
  const node: CommandNode = {
    line,
    commands: children.flatMap((child) =>
      spellings(child).map((name) => ({ name, summary: summaryOf(child) })),
    ),
    flags,
    slots: command.registeredArguments.map((argument) => ({
      values: valuesOf(argument.name(), argument.argChoices),
      variadic: argument.variadic,
    })),
  };
  const below = children.flatMap((child) =>
    spellings(child).flatMap((name) => {
      const nodes = nodesOf(child, `${line} ${name}`.trim(), flags);
      return child.name() === "help" ? nodes.map((each) => helpNode(each, node)) : nodes;
    }),
  );
  return [node, ...below];
}

/** The argument of `help [command]`, be it commander's own or ours, is one of the commands. */
function helpNode(node: CommandNode, { commands }: CommandNode): CommandNode {
  return { ...node, slots: [{ values: commands.map(({ name }) => name), variadic: false }] };
}

function spellings(command: Command): string[] {
  return [command.name(), ...command.aliases()];
}

function summaryOf(command: Command): string {
  return oneLine(command.summary() || command.description());
}

function flagOf(option: Option): Flag {
  const names = [option.short, option.long].flatMap((name) => name ?? []);
  const description = oneLine(option.description);
  if (!option.required && !option.optional) return { names, description };
  const valueName = /[<[]([^\]>]+)/.exec(option.flags)?.[1] ?? "";
  return { names, description, values: valuesOf(valueName, option.argChoices) };
}

function overlap(a: Flag, b: Flag): boolean {
  return a.names.some((name) => b.names.includes(name));
}

/** The words that mean something to a shell cannot be offered by these scripts, so a choice must be a plain one. */
function valuesOf(name: string, choices: Argument["argChoices"]): Values {
  if (choices) {
    const odd = choices.find((choice) => !/^[\w./+,@%-]+$/.test(choice));
    if (odd !== undefined)
      throw new Error(`the choice ${JSON.stringify(odd)} of ${name} cannot be completed`);
    return choices;
  }
  if (/^vpcs?$/i.test(name.replace(/\.+$/, ""))) return "vpcs";
  if (name === "from" || name === "to") return "ends";
  return /file|path|dir/i.test(name) ? "files" : "any";
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
