import { internet } from "../../src/lab/data-plane/linux/plan.ts";
import type { Verdict } from "../../src/net/types.ts";
import type { Arrival, Question, Seen } from "./ask.ts";

/** What the kernel must do with a question if `net/` is right. */
export interface Expected {
  /** Where the request is delivered, and with which addresses; absent where something stops it. */
  arrival?: Arrival;
  answered: boolean;
}

/** Of a verdict's two legs: who gets the request, and whether the answer comes back. */
export function expectedOf({ hops }: Verdict, { source, destination }: Question): Expected {
  const forward = hops.filter(({ leg }) => leg === "forward");
  if (forward.some(({ pass }) => !pass)) return { answered: false };
  const last = forward.at(-1);
  const outside = last?.kind === "internet-gateway" && last.direction === "egress";
  const receiver = forward.findLast(({ kind }) => kind === "instance")?.id ?? "";
  // The answer has the addresses that the receiver saw; an instance that asks itself sees those that it sent.
  const back = hops.find(({ leg }) => leg === "return");
  return {
    arrival: {
      at: outside ? internet : receiver,
      source: back?.destination ?? source,
      destination: back?.source ?? destination,
    },
    answered: hops.every(({ pass }) => pass),
  };
}

/** Whether all that should come has come; what came that should not is another matter. */
export function isComplete({ arrival, answered }: Expected, seen: Seen): boolean {
  return (!arrival || seen.arrivals.length > 0) && (!answered || seen.answered);
}

/** How what was seen differs from what was expected, in words; undefined where it does not. */
export function differenceOf({ arrival, answered }: Expected, seen: Seen): string | undefined {
  const should = arrival ? `arrive at ${textOf(arrival)}` : "not arrive";
  const did = seen.arrivals.length > 0 ? seen.arrivals.map(textOf).join(", and at ") : undefined;
  const same = (did ?? "") === (arrival ? textOf(arrival) : "");
  const parts = [
    ...(same ? [] : [`it should ${should}; it did ${did ? `at ${did}` : "not"}`]),
    ...(answered === seen.answered ? [] : [`${answered ? "no" : "an"} answer came back`]),
  ];
  return parts.length > 0 ? parts.join("; ") : undefined;
}

function textOf({ at, source, destination }: Arrival): string {
  return `${at} (${source} > ${destination})`;
}
