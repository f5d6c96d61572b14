import { once } from "node:events";
import { Chalk } from "chalk";
import { spinnerOn } from "./spinner.ts";
import type { ResourceEvent, Ui } from "./ui.ts";

interface Streams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/**
 * The Ui of a real process. Colours and the spinner only where stderr is a terminal.
 * @param signal ends a question that nobody has answered yet
 */
export function terminalUi(
  streams: Streams,
  how: { json: boolean; verbose: boolean; color: boolean },
  signal: AbortSignal,
): Ui {
  const { stdout, stderr } = streams;
  const paint = new Chalk(how.color && stderr.isTTY ? {} : { level: 0 });
  const spinner = spinnerOn(stderr);
  const events: ResourceEvent[] = [];
  // Standard input is opened only where it is read, which takes time.
  const isInteractive = () => stderr.isTTY === true && streams.stdin.isTTY === true;

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
    taken: paint.yellow("!"),
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
    taken: "does not carry the stack's tag any more",
    unrecorded: "is on AWS, but not in the state file",
    absent: "is not made",
  };

  return {
    json: how.json,
    verbose: how.verbose,
    paint,
    get interactive() {
      return isInteractive();
    },
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
      if (!isInteractive()) return false;
      spinner.stop();
      const { createInterface } = await import("node:readline/promises");
      // The terminal edits the line itself: then Ctrl-C is a signal here as everywhere.
      const prompt = createInterface({ input: streams.stdin, output: stderr, terminal: false });
      // Ctrl-D, or a terminal that has gone away.
      const closed = once(prompt, "close").then(() => undefined);
      try {
        const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal }), closed]);
        if (answer === undefined) stderr.write("\n");
        return /^y(es)?$/i.test(answer?.trim() ?? "");
      } catch (error) {
        throw signal.aborted ? signal.reason : error;
      } finally {
        prompt.close();
      }
    },
  };
}
