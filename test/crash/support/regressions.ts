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
  {
    name: "what a killed down deleted is not there for up, though Describe still shows it",
    time: "stale",
    flags: [],
    acts: [
      { kind: "run", args: ["up"] },
      { kind: "crash", args: ["down"], action: "DetachInternetGateway", nth: 1, side: "after" },
    ],
  },
  {
    name: "a run that goes on after a down which was cut off at its writing meets what is gone",
    time: "stale",
    flags: [],
    acts: [
      { kind: "run", args: ["up"] },
      { kind: "write", args: ["down"], nth: 10, how: "before" },
    ],
  },
  {
    name: "a subnet that somebody put on another route table is put back",
    time: "instant",
    flags: [],
    acts: [
      { kind: "run", args: ["up"] },
      { kind: "meddle", how: "use another table", pick: 0 },
    ],
  },
  {
    name: "a file that is lost while AWS lags is made whole, and nothing made twice",
    time: "lag",
    flags: [],
    acts: [
      { kind: "crash", args: ["up"], action: "RunInstances", nth: 2, side: "after" },
      { kind: "lose the file" },
    ],
  },
];
