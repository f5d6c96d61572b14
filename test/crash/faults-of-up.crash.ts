import { test } from "vitest";
import { everyFault } from "./support/every-fault.ts";

test("everything that can go wrong with a call, at each call of up", async () => {
  console.log(`${await everyFault(["up"], [])} calls of up went wrong`);
});
