import { describe, it } from "vitest";
import { peeringRows } from "./peering-rows.ts";
import { check } from "./rows.ts";

describe("over a peering", () => {
  it.each(peeringRows)("$name", check);
});
