/** A word of a command line: its texts and the variables between them. */
export type Word = readonly Part[];

type Part = { text: string } | { variable: string };

/** One simple command, and what must be true of the one before it: `;` nothing, `&&` that it went well, `||` that not. */
export interface SimpleCommand {
  joint: ";" | "&&" | "||";
  words: Word[];
}

/** A line that bash would refuse, or that this small shell does not model; the message is for the person. */
export class LineError extends Error {
  override name = "LineError";
}

const joints = ["&&", "||", ";", "\n"] as const;
const unmodelled = /^(?:\$\(|[|&<>()`])/;

/**
 * Reads a line of shell: words with quotes, backslashes and variables; `;`, `&&`, `||`, comments. Pipes, redirections and
 * substitutions are refused by name rather than misread. Throws LineError.
 */
export function parseLine(line: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let joint: SimpleCommand["joint"] = ";";
  let words: Word[] = [];
  let word: Part[] | undefined;
  let rest = line;
  let previous: string | undefined;

  const add = (part: Part) => {
    word ??= [];
    word.push(part);
  };
  const endWord = () => {
    if (word) words.push(word);
    word = undefined;
  };
  const endCommand = (by: string | undefined) => {
    endWord();
    if (words.length > 0) commands.push({ joint, words });
    else if (by !== undefined && by !== "\n" && (by !== ";" || previous === by || commands.length === 0)) {
      throw new LineError(`syntax error near unexpected token \`${by}'`);
    } else if (by === undefined && (previous === "&&" || previous === "||")) {
      throw new LineError("syntax error: unexpected end of file");
    }
    words = [];
    if (by !== undefined) {
      joint = by === "\n" ? ";" : (by as SimpleCommand["joint"]);
      previous = by;
    }
  };

  while (rest !== "") {
    const operator = joints.find((each) => rest.startsWith(each));
    const blank = /^[ \t\r]+/.exec(rest)?.[0];
    const quoted = /^'([^']*)'/.exec(rest);
    const variable = /^\$(\?|[A-Za-z_]\w*|\{(?:\?|[A-Za-z_]\w*)\})/.exec(rest);
    if (operator) {
      endCommand(operator);
      rest = rest.slice(operator.length);
    } else if (blank) {
      endWord();
      rest = rest.slice(blank.length);
    } else if (rest.startsWith("#") && word === undefined) {
      rest = rest.replace(/^[^\n]*/, "");
    } else if (quoted) {
      add({ text: quoted[1]! });
      rest = rest.slice(quoted[0].length);
    } else if (rest.startsWith('"')) {
      rest = doubleQuoted(rest, add);
    } else if (rest.startsWith("'")) {
      throw new LineError("unexpected EOF while looking for matching `''");
    } else if (unmodelled.test(rest)) {
      throw new LineError(
        `${unmodelled.exec(rest)?.[0]}: not in this model shell (no pipes, redirections, jobs)`,
      );
    } else if (variable) {
      add({ variable: variable[1]!.replace(/[{}]/g, "") });
      rest = rest.slice(variable[0].length);
    } else {
      const literal = /^\\([\s\S])|^\\$|^\$|^[^ \t\r\n'"\\$;&|<>()`]+/.exec(rest)!;
      add({ text: literal[1] ?? literal[0] });
      rest = rest.slice(literal[0].length);
    }
  }
  endCommand(undefined);
  return commands;
}

/** Reads a word's part between double quotes, and gives what follows it. */
function doubleQuoted(from: string, add: (part: Part) => void): string {
  let rest = from.slice(1);
  add({ text: "" });
  while (!rest.startsWith('"')) {
    if (rest === "") throw new LineError("unexpected EOF while looking for matching `\"'");
    if (rest.startsWith("$(") || rest.startsWith("`")) {
      throw new LineError("command substitution: not in this model shell");
    }
    const variable = /^\$(\?|[A-Za-z_]\w*)/.exec(rest);
    const text = /^\\([$`"\\])|^\\|^\$|^[^"\\$`]+/.exec(rest);
    if (variable) add({ variable: variable[1]! });
    else add({ text: text![1] ?? text![0] });
    rest = rest.slice((variable ?? text)![0].length);
  }
  return rest.slice(1);
}
