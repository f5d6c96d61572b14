import { expect, test } from "vitest";
import { pages } from "./support/pages.ts";
import { readProjectFile } from "./support/sources.ts";

/** A line that is one word in capitals, where something was to be filled in; or a note to do it. */
const placeholder = /^[A-Z_]{2,}$|\b(TODO|FIXME|TBD|XXX)\b/;

test.each(pages)("nothing is left to be filled in on %s", (page) => {
  const lines = readProjectFile(page).split("\n");
  expect(lines.filter((line) => placeholder.test(line.trim()))).toEqual([]);
});
