import * as v from "valibot";
import { Ec2Error } from "./error.ts";

/**
 * What goes wrong with a call, before or after it takes effect:
 * `throttle`, `error-500`, `error-503` and a code of one's own answer an error and change nothing; `drop-before` cuts the
 * connection and changes nothing, `drop-after` cuts it when all is done; `late` answers `ms` later, `late-before` takes
 * effect only then, whether or not the caller still waits; `garbage` answers something that is no answer, `truncated`
 * cuts the answer in half, both after taking effect; `hang-before` and
 * `hang-after` do not answer and keep the connection until faults are set anew, having changed nothing or done all;
 * `refuse` changes nothing, cuts every connection and lets nobody connect for `ms`.
 */
const Kind = v.union([
  v.picklist([
    "throttle",
    "error-500",
    "error-503",
    "drop-before",
    "drop-after",
    "late",
    "late-before",
    "garbage",
    "truncated",
    "hang-before",
    "hang-after",
    "refuse",
  ]),
  v.strictObject({
    code: v.string(),
    message: v.string(),
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  }),
]);

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const FaultSchema = v.strictObject({
  /** An action's name, or `*` for any. */
  action: v.string(),
  fault: Kind,
  /** That call only, counted from 1 since the fault was set. */
  nth: v.optional(count),
  /** The first so many calls. Without `nth` and `times`: every call. */
  times: v.optional(count),
  /** For `late`, `late-before` and `refuse`: milliseconds. */
  ms: v.optional(v.pipe(v.number(), v.minValue(0))),
});

export const FaultList = v.array(FaultSchema);

export type Fault = v.InferOutput<typeof FaultSchema>;

export interface Faults {
  set(list: readonly Fault[]): void;
  /** Counts this call, and says what goes wrong with it: the first fault in the list that strikes. */
  strike(action: string): Fault | undefined;
}

/**
 * @param onSet told when faults are set anew
 * @param onStrike told of each that strikes, at once
 */
export function createFaults(
  initial: readonly Fault[] = [],
  onSet = () => {},
  onStrike: (fault: Fault) => void = () => {},
): Faults {
  let faults: { fault: Fault; calls: number }[] = [];
  const set = (list: readonly Fault[]) => {
    faults = list.map((fault) => ({ fault, calls: 0 }));
    onSet();
  };
  set(initial);
  return {
    set,
    strike: (action) => {
      let struck: Fault | undefined;
      for (const each of faults) {
        const { fault } = each;
        if (fault.action !== "*" && fault.action !== action) continue;
        each.calls += 1;
        const strikes =
          fault.nth === undefined ? each.calls <= (fault.times ?? Infinity) : each.calls === fault.nth;
        if (strikes) struck ??= fault;
      }
      if (struck) onStrike(struck);
      return struck;
    },
  };
}

/** The error that a fault answers with, where it answers with one. */
export function faultError({ fault }: Fault): Ec2Error | undefined {
  if (typeof fault === "object") return new Ec2Error(fault.code, fault.message, fault.status);
  if (fault === "throttle") return requestLimitExceeded();
  if (fault === "error-500") return new Ec2Error("InternalError", "An internal error has occurred", 500);
  if (fault === "error-503") {
    return new Ec2Error("Unavailable", "The server is overloaded and cannot handle the request", 503);
  }
  return undefined;
}

export function requestLimitExceeded(): Ec2Error {
  return new Ec2Error("RequestLimitExceeded", "Request limit exceeded.", 503);
}
