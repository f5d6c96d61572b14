import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { packed, pages } from "./support/pages.ts";
import { readProjectFile } from "./support/sources.ts";

/** What a page links to in the project itself, from the project's root. */
function linksOf(page: string): string[] {
  return [...readProjectFile(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => normalize(join(dirname(page), link)));
}

test.each(pages)("what %s links to is there, and in the npm package", (page) => {
  for (const link of linksOf(page)) {
    expect(existsSync(link), link).toBe(true);
    expect(
      packed.some((each) => link === each || link.startsWith(`${each}/`)),
      link,
    ).toBe(true);
  }
});

test("the README's links are among them", () => {
  expect(linksOf("README.md")).toEqual(
    expect.arrayContaining(["docs/architecture.md", "LICENSE", ".env.example"]),
  );
});
