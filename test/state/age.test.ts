import { expect, test } from "vitest";
import { lastEffect } from "../../src/state/age.ts";

const now = Date.parse("2026-01-01T12:00:00Z");
const ago = (seconds: number) => ({
  at: new Date(now - seconds * 1000).toISOString(),
  step: "eip",
  generation: 1,
});

test.each([
  ["begun just now", 0, 0],
  ["begun two minutes ago: throttled since, perhaps, and sent only just now", 120, 0],
  ["begun six minutes ago", 360, 60],
  ["begun by a clock that was ahead", -600, 0],
])("%s", (_what, age, secondsAgo) => {
  expect((now - lastEffect(ago(age), now)) / 1000).toBe(secondsAgo);
});
