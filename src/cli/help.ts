import { type Argument, type Command, Help, type HelpConfiguration, type Option } from "commander";
import { globalOptions } from "../config/options.ts";
import type { SettingName } from "../config/settings.ts";

/** The options that say what is made; help shows them with the commands that heed them, and all others by name alone. */
const shaping = {
  network: ["cidrs", "peerings"],
  instances: ["sshFrom", "instanceType", "image"],
} as const satisfies Record<string, readonly SettingName[]>;

const heeded: Readonly<Record<string, readonly SettingName[]>> = {
  up: [...shaping.network, ...shaping.instances],
  "create-vpcs": shaping.network,
  launch: shaping.instances,
};

const special: ReadonlySet<string> = new Set(Object.values(shaping).flat());

const heading = "What is made:";

/** The global options, with the heading that they have in the help. */
export function optionsForHelp(): Option[] {
  return [...globalOptions()].map(([name, option]) =>
    special.has(name) ? option.helpGroup(heading) : option,
  );
}

/** One line each, in 80 columns where it can be; what every command takes is explained once, in the program's own help. */
export const helpStyle: HelpConfiguration = {
  subcommandTerm: (command) => command.name(),
  optionDescription: (option) => described(option, defaultOf(option)),
  argumentDescription: (argument) => described(argument, undefined),
  visibleOptions(command) {
    const own = Help.prototype.visibleOptions.call(this as Help, command);
    const options = globalOptions();
    const names = command.parent?.parent ? [] : (heeded[command.name()] ?? []);
    return [...own, ...names.map((name) => options.get(name)!.helpGroup(heading))];
  },
  formatHelp(command, help) {
    const text = Help.prototype.formatHelp.call(this as Help, command, help);
    if (command.commands.length === 0) return text;
    // What there is to do comes before how to say it otherwise.
    const parts = text.trimEnd().split("\n\n");
    const isOptions = (part: string) => part.startsWith("Options:") || part.startsWith(heading);
    return `${[...parts.filter((part) => !isOptions(part)), ...parts.filter(isOptions)].join("\n\n")}\n`;
  },
};

function described(
  { description, argChoices = [] }: Pick<Option | Argument, "description" | "argChoices">,
  otherwise: string | undefined,
): string {
  const notes = [argChoices.join(", "), otherwise === undefined ? "" : `default: ${otherwise}`].filter(
    Boolean,
  );
  return notes.length > 0 ? `${description} (${notes.join("; ")})` : description;
}

/** Of an option that takes a value; a switch is off unless it is there. */
function defaultOf({ required, defaultValue, defaultValueDescription }: Option): string | undefined {
  if (!required) return undefined;
  return defaultValueDescription ?? (defaultValue === undefined ? undefined : String(defaultValue));
}

/** What stands under a subcommand's own options. */
export function textAfter(needs: string, example: string): string {
  const names = [...globalOptions()].filter(([name]) => !special.has(name)).map(([, { long }]) => long);
  return `
Needs: ${needs}

Example:
  ${example}

Every command takes these too (see peerctl --help):
${wrapped(names.join(" "))}`;
}

/** As the rest of the help is where nothing says how wide it may be. */
function wrapped(text: string): string {
  return text.replace(/(.{1,76})(?:\s|$)/g, "  $1\n").trimEnd();
}

/** The command that these words spell, or undefined where there is none. */
export function commandAt(root: Command, words: readonly string[]): Command | undefined {
  return words.reduce<Command | undefined>(
    (command, word) =>
      command?.commands.find((each) => each.name() === word || each.aliases().includes(word)),
    root,
  );
}
