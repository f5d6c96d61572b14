import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { terminalUi } from "../../src/report/terminal.ts";

/** Streams in memory, as terminals or as pipes; `typed` is what the person answers. */
function streams(isTTY: boolean, typed = "") {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  stdin.end(typed);
  const sink = () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY,
      columns: 80,
      ...(isTTY && { cursorTo() {}, clearLine() {}, moveCursor() {} }),
    });
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
    });
    return { stream, text: () => text };
  };
  const stdout = sink();
  const stderr = sink();
  const all = { stdin, stdout: stdout.stream, stderr: stderr.stream } as unknown as Parameters<
    typeof terminalUi
  >[0];
  return { all, stdout: stdout.text, stderr: stderr.text };
}

const never = new AbortController().signal;
const plain = { json: false, verbose: false, color: true };
const event = { what: "made", key: "vpc/vpc-1", id: "vpc-0abc", detail: "10.1.0.0/16" } as const;

test("piped: no colours, no spinner; progress to stderr, results to stdout", () => {
  const { all, stdout, stderr } = streams(false);
  const ui = terminalUi(all, plain, never);
  ui.busy("working");
  ui.event(event);
  ui.say("a line");
  ui.stream("a reply");
  ui.idle();
  ui.result({ ok: true }, "the result");
  expect(stdout()).toBe("a reply\nthe result\n");
  expect(stderr()).toBe(
    "+ vpc/vpc-1                    vpc-0abc                   made  10.1.0.0/16\na line\n",
  );
  expect(ui.events).toEqual([event]);
  expect(ui.interactive).toBe(false);
});

test("--json: one document on stdout, and nothing else there", () => {
  const { all, stdout } = streams(false);
  const ui = terminalUi(all, { ...plain, json: true }, never);
  ui.stream("a reply");
  ui.result({ ok: true, list: [1] }, "the result");
  expect(JSON.parse(stdout())).toEqual({ ok: true, list: [1] });
});

test("no escape sequences in what is said where colour is off, also on a terminal", () => {
  const { all, stderr } = streams(true);
  const ui = terminalUi(all, { ...plain, color: false }, never);
  ui.event(event);
  ui.say(ui.paint.red("red"));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what this looks for.
  expect(stderr()).not.toMatch(/\u001b\[3\dm/);
  expect(stderr()).toContain("red");
});

test.each([
  ["y\n", true],
  ["Yes\n", true],
  ["n\n", false],
  ["\n", false],
  ["yesterday\n", false],
  // Closed by Ctrl-D, and not answered.
  ["y", false],
  ["", false],
])("%j at the prompt is %s", async (typed, expected) => {
  const { all, stderr } = streams(true, typed);
  expect(await terminalUi(all, { ...plain, color: false }, never).confirm("Go ahead?")).toBe(expected);
  expect(stderr()).toContain("Go ahead? [y/N] ");
});

test("nobody at the terminal is a no", async () => {
  expect(await terminalUi(streams(false, "y\n").all, plain, never).confirm("Go ahead?")).toBe(false);
});

test("a run that is stopped while it asks rejects with the reason", async () => {
  const { all } = streams(true);
  const open = { ...all, stdin: Object.assign(new PassThrough(), { isTTY: true }) } as unknown as typeof all;
  const stop = new AbortController();
  const asking = terminalUi(open, plain, stop.signal).confirm("Go ahead?");
  await new Promise(setImmediate);
  stop.abort(new Error("interrupted by SIGINT"));
  await expect(asking).rejects.toThrow("interrupted by SIGINT");
});
