import { describe, it } from "vitest";
import { inspectionRows } from "./inspection-rows.ts";
import { middleboxRows } from "./middlebox-rows.ts";
import { check } from "./rows.ts";

describe("routes to an interface", () => {
  it.each(middleboxRows)("$name", check);
});

describe("an appliance between a subnet and the internet gateway", () => {
  it.each(inspectionRows)("$name", check);
});
