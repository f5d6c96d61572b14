import { stripVTControlCharacters } from "node:util";

/** How many columns there are; undefined where nobody looks at a terminal, and nothing is broken. */
export type Width = number | undefined;

/** Breaks a line between words; what comes after the first line is indented by that much. Colours count nothing. */
export function wrapWords(text: string, width: Width, indent = 0): string {
  return width === undefined ? text : fill(text.split(" "), width, indent, "");
}

/** The same for a command: with a backslash at each break, and none within quotes, so that it can be pasted as it is. */
export function wrapCommand(command: string, width: Width, indent = 0): string {
  if (width === undefined || columnsOf(command) <= width) return command;
  const [first = "", ...more] = shellWords(command);
  return fill([/^ */.exec(command)![0] + first, ...more], width, indent, " \\");
}

/** Columns as `table` has them, the last one broken within its own; under the others where too little would be left. */
export function wrapRows(rows: readonly (readonly string[])[], width: Width): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [n, cell] of row.slice(0, -1).entries()) widths[n] = Math.max(widths[n] ?? 0, columnsOf(cell));
  const offset = widths.reduce((sum, each) => sum + each + 2, 0);
  return rows.map((row) => {
    const start = row.slice(0, -1).map((cell, n) => cell.padEnd(widths[n]! + 2));
    const last = row.at(-1) ?? "";
    const line = (start.join("") + last).trimEnd();
    if (width === undefined || columnsOf(line) <= width) return line;
    if (width - offset >= leastColumn)
      return start.join("") + wrapWords(last, width - offset).replaceAll("\n", `\n${" ".repeat(offset)}`);
    const below = wrapWords(last, width - belowIndent).replace(/^/gm, " ".repeat(belowIndent));
    return `${start.join("").trimEnd()}\n${below}`;
  });
}

/** In fewer columns a sentence is no sentence any more. */
const leastColumn = 30;
const belowIndent = 5;

function fill(words: readonly string[], width: number, indent: number, atBreak: string): string {
  const lines: string[] = [];
  let [line = "", ...rest] = words;
  for (const word of rest) {
    const longer = `${line} ${word}`;
    // What a line begins with is not left alone on it.
    if (line.trim() !== "" && columnsOf(longer) + atBreak.length > width) {
      lines.push(line + atBreak);
      line = " ".repeat(indent) + word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

/** Split at blanks outside of quotes. */
function shellWords(command: string): string[] {
  return command.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/g) ?? [];
}

function columnsOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
