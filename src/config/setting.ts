/** Where a value came from: a flag (`--region`), or a variable (`AWS_REGION`) of the environment or of `.env`. */
export interface Source {
  name: string;
  kind: "flag" | "environment" | ".env";
}

/** As messages name it: `--region`, `AWS_REGION`, `AWS_REGION in .env`. */
export function label({ name, kind }: Source): string {
  return kind === ".env" ? `${name} in .env` : name;
}

/** One thing that can be set, declared once: flags, environment, `.env.example` and the documentation come from it. */
interface Common {
  /** In commander's form (`--region <region>`); absent where only the environment sets it. */
  flag?: string;
  /** The variables that set it; of several that are set, the first counts. */
  env: readonly [string, ...string[]];
  /** One sentence, without a full stop; also commander's help text. */
  help: string;
  /** A valid value for `.env.example`. */
  example: string;
  /** What the documentation says the default is, where the value does not say it. */
  otherwise?: string;
}

/** `parse` checks the text and returns the value; it throws UserError naming the source. */
export interface TextSetting<Value> extends Common {
  kind: "text";
  default: Value;
  parse(text: string, source: Source): Value;
}

/** On the command line its flag turns the default round. */
export interface SwitchSetting extends Common {
  kind: "switch";
  default: boolean;
  /** Whether the variable's text asks to turn the default round. */
  parse(text: string, source: Source): boolean;
}

/** The flag may be repeated; a variable holds the items with commas or blanks between them. */
export interface ListSetting extends Common {
  kind: "list";
  default: readonly string[];
  parse(item: string, source: Source): string;
}

export type Setting = TextSetting<string | number | undefined> | SwitchSetting | ListSetting;
