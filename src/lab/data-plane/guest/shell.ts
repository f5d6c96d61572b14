import type { Guest, Io } from "./guest.ts";
import { LineError, parseLine, type SimpleCommand, type Word } from "./line.ts";
import { programs } from "./programs.ts";

/** Bash's codes. https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html */
const misuse = 2;
const notFound = 127;

/** A shell: runs lines one after the other and remembers the last code. */
export interface Shell {
  /** The exit code of the last command. */
  readonly code: number;
  /** True once `exit` was run: nothing more is to be read. */
  readonly exited: boolean;
  /** Runs one line, or a whole script; never rejects for what the person typed. */
  run(line: string, io: Io): Promise<void>;
}

/** `name` is what the shell calls itself in errors: `bash` for a command, `-bash` for a login shell. */
export function openShell(guest: Guest, name: "bash" | "-bash"): Shell {
  let code = 0;
  let exited = false;

  const variables: Readonly<Record<string, () => string>> = {
    "?": () => String(code),
    HOME: () => `/home/${guest.user}`,
    HOSTNAME: () => guest.hostname(),
    SHELL: () => "/bin/bash",
    USER: () => guest.user,
  };
  const expand = (word: Word) =>
    word
      .map((part) =>
        "text" in part
          ? part.text
          : Object.hasOwn(variables, part.variable)
            ? variables[part.variable]!()
            : "",
      )
      .join("");

  const exit = ([argument, ...more]: readonly string[], io: Io): number => {
    if (argument === undefined) {
      exited = true;
      return code;
    }
    if (!/^[+-]?\d+$/.test(argument)) {
      io.err(`${name}: exit: ${argument}: numeric argument required\n`);
      exited = true;
      return misuse;
    }
    if (more.length > 0) {
      io.err(`${name}: exit: too many arguments\n`);
      return 1;
    }
    exited = true;
    return Number(BigInt.asUintN(8, BigInt(argument.replace("+", ""))));
  };

  const runCommand = async ({ words }: SimpleCommand, io: Io): Promise<number> => {
    // Assignments before a command (`LC_ALL=C ping ...`) change nothing that the programs here look at.
    const argv = words.map(expand);
    const first = argv.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
    if (first === -1) return 0;
    const [program = "", ...args] = argv.slice(first);
    if (program === "exit" || program === "logout") return exit(args, io);
    const run = Object.hasOwn(programs, program) ? programs[program] : undefined;
    if (run) return run(args, guest, io);
    io.err(`${name}: ${program}: command not found\n`);
    return notFound;
  };

  return {
    get code() {
      return code;
    },
    get exited() {
      return exited;
    },
    run: async (line, io) => {
      let commands: SimpleCommand[];
      try {
        commands = parseLine(line);
      } catch (error) {
        if (!(error instanceof LineError)) throw error;
        io.err(`${name}: ${error.message}\n`);
        code = misuse;
        return;
      }
      for (const command of commands) {
        if (exited || io.signal.aborted) return;
        const skips = command.joint === "&&" ? code !== 0 : command.joint === "||" ? code === 0 : false;
        if (!skips) code = await runCommand(command, io);
      }
    },
  };
}
