import { describe, it } from "vitest";
import { middleboxRows } from "./middlebox-rows.ts";
import { check } from "./rows.ts";

describe("routes to an interface", () => {
  it.each(middleboxRows)("$name", check);
});
