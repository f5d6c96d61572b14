import { execFileSync } from "node:child_process";
import { Chalk } from "chalk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { table } from "../../src/report/table.ts";
import { wrapCommand, wrapRows, wrapWords } from "../../src/report/wrap.ts";

test("a line breaks between words, under what it is about; colours count nothing", () => {
  expect(wrapWords("note: one two three four", 14, 6)).toBe("note: one two\n      three\n      four");
  expect(wrapWords("  ✗ one two three", 11, 4)).toBe("  ✗ one two\n    three");
  const { red } = new Chalk({ level: 1 });
  expect(wrapWords(`${red("✗")} one two`, 9)).toBe(`${red("✗")} one two`);
  expect(wrapWords("averylongword is not broken", 8)).toBe("averylongword\nis not\nbroken");
});

test("where nobody looks at a terminal, nothing is broken", () => {
  const long = "word ".repeat(50).trim();
  expect(wrapWords(long, undefined, 4)).toBe(long);
  expect(wrapCommand(long, undefined)).toBe(long);
  const rows = [
    ["a", "bcd", long],
    ["ef", "g", "short"],
  ];
  expect(wrapRows(rows, undefined).join("\n")).toBe(table(rows));
});

test("no line is wider than the terminal, but for a word that is; and no word is lost", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      words,
      fc.integer({ min: 20, max: 100 }),
      fc.integer({ min: 0, max: 8 }),
      (list, width, indent) => {
        const wrapped = wrapWords(list.join(" "), width, indent);
        expect(wrapped.split("\n").every((line) => line.length <= width)).toBe(true);
        expect(wrapped.split(/\s+/)).toEqual(list);
      },
    ),
  );
});

test("a command that is broken does the same in a shell", () => {
  const command = `printf '%s|' --first 'two  blanks and more of them' "in \\"double\\" quotes" a\\ b --last="x y"`;
  const wrapped = wrapCommand(`  ${command}`, 30, 4);
  expect(wrapped.split("\n").length).toBeGreaterThan(3);
  expect(wrapped).toMatch(/^ {2}printf '%s\|' --first \\\n {4}'two {2}blanks and more of them' \\\n/);
  const run = (text: string) => execFileSync("sh", ["-c", text], { encoding: "utf8" });
  expect(run(wrapped)).toBe(run(command));
  expect(wrapCommand("short one", 30)).toBe("short one");
});

test("a table's last column is broken within itself, or under the others where too little is left", () => {
  const rows = [
    ["✓", "there", "The packet is let through here."],
    ["✗", "back", "No."],
  ];
  expect(wrapRows(rows, 40)).toEqual([
    "✓  there  The packet is let through\n          here.",
    "✗  back   No.",
  ]);
  expect(wrapRows(rows, 24)).toEqual([
    "✓  there\n     The packet is let\n     through here.",
    "✗  back   No.",
  ]);
});
