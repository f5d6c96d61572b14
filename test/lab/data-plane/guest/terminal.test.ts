import fc from "fast-check";
import { expect, test } from "vitest";
import { type Keystroke, openTerminal } from "../../../../src/lab/data-plane/guest/terminal.ts";

function type(...typed: (string | Buffer)[]) {
  let screen = "";
  const terminal = openTerminal((text) => {
    screen += text;
  });
  const strokes: Keystroke[] = typed.flatMap((each) => terminal.type(Buffer.from(each)));
  return { screen, strokes, terminal, read: () => screen };
}

const line = (text: string): Keystroke => ({ kind: "line", text });
const rows = [
  { name: "a line", typed: ["ls\r"], strokes: [line("ls")], screen: "ls\r\n" },
  {
    name: "CR LF is one Enter",
    typed: ["ls\r\nid\r\n"],
    strokes: [line("ls"), line("id")],
    screen: "ls\r\nid\r\n",
  },
  { name: "a line feed alone", typed: ["ls\n"], strokes: [line("ls")], screen: "ls\r\n" },
  { name: "backspace", typed: ["lx\x7fs\r"], strokes: [line("ls")], screen: "lx\b \bs\r\n" },
  { name: "backspace on nothing", typed: ["\x7f\b"], strokes: [], screen: "" },
  {
    name: "backspace takes a whole character",
    typed: ["é\u{1f600}\x7f\r"],
    strokes: [line("é")],
    screen: "é\u{1f600}\b \b\r\n",
  },
  {
    name: "a character split over two packets",
    typed: [Buffer.from([0xc3]), Buffer.from([0xa9, 13])],
    strokes: [line("é")],
    screen: "é\r\n",
  },
  { name: "Ctrl-C", typed: ["pin\x03"], strokes: [{ kind: "interrupt" }], screen: "pin^C" },
  {
    name: "Ctrl-C drops the line",
    typed: ["pin\x03ls\r"],
    strokes: [{ kind: "interrupt" }, line("ls")],
    screen: "pin^Cls\r\n",
  },
  { name: "Ctrl-D on an empty line", typed: ["\x04"], strokes: [{ kind: "end" }], screen: "" },
  { name: "Ctrl-D in a line does nothing", typed: ["ls\x04\r"], strokes: [line("ls")], screen: "ls\r\n" },
  { name: "Ctrl-U", typed: ["abc\x15x\r"], strokes: [line("x")], screen: "abc\b \b\b \b\b \bx\r\n" },
  {
    name: "Ctrl-W",
    typed: ["ab cd\x17x\r"],
    strokes: [line("ab x")],
    screen: `ab cd${"\b \b".repeat(5)}ab x\r\n`,
  },
  {
    name: "arrows left and right, delete, home",
    typed: ["a\x1b[C\x1b[D\x1b[3~\x1b[1;5Hb\x1bOHc\r"],
    strokes: [line("abc")],
    screen: "abc\r\n",
  },
  {
    name: "an escape sequence over two packets",
    typed: ["a\x1b", "[", "Cb\r"],
    strokes: [line("ab")],
    screen: "ab\r\n",
  },
  {
    name: "tab and other controls are nothing",
    typed: ["a\t\x00\x1fb\r"],
    strokes: [line("ab")],
    screen: "ab\r\n",
  },
  {
    name: "arrow up",
    typed: ["one\r", "\x1b[A\r"],
    strokes: [line("one"), line("one")],
    screen: "one\r\none\r\n",
  },
  {
    name: "arrow up, up, down",
    typed: ["one\rtwo\r", "\x1b[A\x1b[A\x1b[B\r"],
    strokes: [line("one"), line("two"), line("two")],
    screen: `one\r\ntwo\r\ntwo${"\b \b".repeat(3)}one${"\b \b".repeat(3)}two\r\n`,
  },
] satisfies { name: string; typed: (string | Buffer)[]; strokes: Keystroke[]; screen: string }[];

test.each(rows)("$name", ({ typed, strokes, screen }) => {
  expect(type(...typed)).toMatchObject({ strokes, screen });
});

test("the prompt comes with what was typed ahead, and Ctrl-L draws both anew", () => {
  const { terminal, read } = type("ls");
  terminal.prompt("$ ");
  terminal.type(Buffer.from("\x0c"));
  expect(read()).toBe("ls$ ls\x1b[H\x1b[2J$ ls");
});

test("a line without end is cut at the terminal driver's 4095, with a bell", () => {
  const { strokes, screen } = type("x".repeat(5000), "\r");
  expect(strokes).toEqual([line("x".repeat(4095))]);
  expect(screen.split("\x07")).toHaveLength(906);
});

test("any bytes leave it whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
      const { terminal } = type(...chunks.map((chunk) => Buffer.from(chunk)));
      // The end of whatever sequence was open, then a known state.
      terminal.type(Buffer.from("~~\x03"));
      expect(terminal.type(Buffer.from("ok\r"))).toEqual([line("ok")]);
    }),
    { seed: 11, numRuns: 500 },
  );
});
