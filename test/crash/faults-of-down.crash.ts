import { test } from "vitest";
import { everyFault } from "./support/every-fault.ts";

test("everything that can go wrong with a call, at each call of down", async () => {
  console.log(`${await everyFault(["down"], [["up"]])} calls of down went wrong`);
});
