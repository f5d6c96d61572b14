import type { CommandNode, Values } from "./tree.ts";

/**
 * How the scripts write what may come next: words as `a|b`, everything else behind an `@`. A value is written
 * `--option=a|b`, an argument that repeats `a|b...`. None of these need quoting against anything but the shell's quotes.
 */
function notation(values: Values): string {
  return typeof values === "string" ? `@${values}` : values.join("|");
}

export function optionValues({ flags }: CommandNode): string[] {
  return flags.flatMap(({ names, values }) =>
    values === undefined ? [] : names.map((name) => `${name}=${notation(values)}`),
  );
}

export function slotValues({ slots }: CommandNode): string[] {
  return slots.map(({ values, variadic }) => notation(values) + (variadic ? "..." : ""));
}

/** Single quotes for a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What may stand at an end of a path beside the stack's VPCs. */
export const outsiders = ["internet", "me"];
