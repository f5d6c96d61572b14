import { expect, it } from "vitest";
import { blockerPages } from "../../src/net/explain.ts";

it.each(Object.entries(blockerPages))("%s is explained by a page of AWS's documentation", (_code, page) => {
  const { protocol, host, pathname } = new URL(page);
  expect([protocol, host]).toEqual(["https:", "docs.aws.amazon.com"]);
  expect(pathname).toMatch(/\.html$/);
});
