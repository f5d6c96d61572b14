import type { Act } from "./acts.ts";

/** How the lab's time runs in a story. */
export type Time = "instant" | "aws" | "lag" | "flicker" | "stale";

export interface Story {
  time: Time;
  flags: string[];
  acts: readonly Act[];
}

/** Stories that once ended badly: each found by a suite here, cut down to what it takes. */
export const regressions: readonly (Story & { name: string })[] = [
  {
    name: "a table that down deleted is not made again under the token of before",
    time: "instant",
    flags: [],
    acts: [
      { kind: "crash", args: ["up"], action: "CreateRouteTable", nth: 1, side: "after" },
      { kind: "crash", args: ["down"], action: "DeleteRouteTable", nth: 1, side: "after" },
    ],
  },
];
