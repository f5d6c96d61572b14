import { describe, it } from "vitest";
import { internetRows } from "./internet-rows.ts";
import { check } from "./rows.ts";

describe("the internet", () => {
  it.each(internetRows)("$name", check);
});
