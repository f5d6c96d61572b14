import { Chalk } from "chalk";
import { spinnerOn } from "./spinner.ts";
import type { ResourceEvent, Ui } from "./ui.ts";

interface Streams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/** The Ui of a real process. Colours and the spinner only where stderr is a terminal. */
export function terminalUi(streams: Streams, how: { json: boolean; verbose: boolean; color: boolean }): Ui {
  const { stdin, stdout, stderr } = streams;
  const paint = new Chalk(how.color && stderr.isTTY ? {} : { level: 0 });
  const spinner = spinnerOn(stderr);
  const events: ResourceEvent[] = [];
  const interactive = stdin.isTTY === true && stderr.isTTY === true;

  const write = (stream: NodeJS.WriteStream, line: string) => {
    spinner.above(() => stream.write(`${line}\n`));
  };

  const marks = {
    made: paint.green("+"),
    kept: paint.dim("="),
    adopted: paint.yellow("~"),
    missing: paint.yellow("!"),
    outdated: paint.yellow("!"),
    removed: paint.red("-"),
    unrecorded: paint.yellow("?"),
    absent: paint.dim("."),
  };
  const words = {
    made: "made",
    kept: "is there",
    adopted: "found and adopted",
    missing: "is gone from AWS",
    outdated: "is not as wanted any more",
    removed: "removed",
    unrecorded: "is on AWS, but not in the state file",
    absent: "is not made",
  };

  return {
    json: how.json,
    verbose: how.verbose,
    paint,
    interactive,
    events,
    say: (line) => write(stderr, line),
    event: (event) => {
      events.push(event);
      const key = event.key.padEnd(28);
      const id = (event.id ?? "").padEnd(26);
      const text = `${marks[event.what]} ${key} ${id} ${paint.dim([words[event.what], event.detail].filter(Boolean).join("  "))}`;
      write(stderr, text.trimEnd());
    },
    busy: spinner.spin,
    idle: spinner.stop,
    result: (data, text) => {
      spinner.stop();
      if (how.json) stdout.write(`${JSON.stringify(data, null, 2)}\n`);
      else if (text) stdout.write(`${text}\n`);
    },
    stream: (line) => {
      if (!how.json) write(stdout, line);
    },
    confirm: async (question) => {
      if (!interactive) return false;
      spinner.stop();
      const { createInterface } = await import("node:readline/promises");
      const prompt = createInterface({ input: stdin, output: stderr });
      try {
        const answer = await prompt.question(`${question} [y/N] `);
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        prompt.close();
      }
    },
  };
}
