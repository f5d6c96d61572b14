import fc from "fast-check";
import type { Fault } from "../../../src/lab/faults.ts";
import { type Meddling, meddlings } from "./meddling.ts";

/** One thing that happens to a stack, by peerctl or to it. */
export type Act =
  | { kind: "run"; args: string[] }
  /** The run is cut off for good at that call; what was sent before may still take effect. */
  | { kind: "crash"; args: string[]; action?: string; nth: number; side: "before" | "after" }
  /** Ctrl-C, while that call hangs. */
  | { kind: "interrupt"; args: string[]; nth: number; side: "before" | "after" }
  /** What happens at the `nth` change of the state file, as at-write.js takes it: a kill, or the disk is full from then on. */
  | { kind: "write"; args: string[]; nth: number; how: "before" | "after" | "ENOSPC" }
  | { kind: "fault"; args: string[]; fault: Fault["fault"]; nth: number; times: number }
  /** Two processes at once, on one file. */
  | { kind: "two"; args: string[]; others: string[] }
  /** Somebody does that to the stack: to the `pick`-th of what it can be done to. */
  | { kind: "meddle"; how: Meddling; pick: number }
  | { kind: "lose the file" };

const stepNames = ["create-vpcs", "peer", "route", "launch", "eip", "open-icmp"] as const;

const args: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<string[]>(["up"]) },
  { weight: 8, arbitrary: fc.constantFrom(...stepNames).map((name): string[] => [name]) },
  { weight: 4, arbitrary: fc.constantFrom(...stepNames).map((name): string[] => ["teardown", name]) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("--accept", "--no-accept", "--decline")
      .map((side): string[] => ["peer", side]),
  },
  { weight: 1, arbitrary: fc.constant<string[]>(["doctor", "--fix"]) },
  { weight: 2, arbitrary: fc.constant<string[]>(["down"]) },
);

const nth = fc.integer({ min: 1, max: 45 });
const side = fc.constantFrom("before" as const, "after" as const);
const no = (code: string, status = 400) => ({ code, message: "no", status });

const fault = fc.constantFrom<Fault["fault"]>(
  "throttle",
  "error-500",
  "error-503",
  "drop-before",
  "drop-after",
  "truncated",
  "garbage",
  "late",
  "late-before",
  "refuse",
  no("UnauthorizedOperation", 403),
  no("ExpiredToken"),
  no("ResourceLimitExceeded"),
  no("InsufficientInstanceCapacity", 500),
);

const one = <Kind extends Act["kind"]>(kind: Kind) => fc.constant(kind);

export const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: one("run"), args }) },
  { weight: 4, arbitrary: fc.record({ kind: one("crash"), args, nth, side }) },
  { weight: 2, arbitrary: fc.record({ kind: one("interrupt"), args, nth, side }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ kind: one("write"), args, nth },
      how: fc.constantFrom("before" as const, "after" as const, "ENOSPC" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: one("fault"), args, fault, nth, times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: one("two"), args, others: args }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: one("meddle"),
      how: fc.constantFrom(...meddlings),
      pick: fc.nat({ max: 1000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "lose the file" as const }) },
);

/** A chain, a star or a mesh of 2 to 5 VPCs, as flags. */
export const topology: fc.Arbitrary<string[]> = fc
  .record({ vpcs: fc.integer({ min: 2, max: 5 }), shape: fc.constantFrom("chain", "star", "mesh") })
  .map(({ vpcs, shape }) => {
    const names = Array.from({ length: vpcs }, (_, n) => `net-${n + 1}`);
    const pairs = names.flatMap((a, i) =>
      names.slice(i + 1).flatMap((b, d) => {
        const wanted = shape === "mesh" || (shape === "chain" ? d === 0 : i === 0);
        return wanted ? [`${a}~${b}`] : [];
      }),
    );
    return [
      ...names.flatMap((name, n) => ["--cidr", `${name}=10.${n + 1}.0.0/16`]),
      ...pairs.flatMap((pair) => ["--peering", pair]),
    ];
  });
