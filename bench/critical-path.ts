import type { LogEntry } from "../src/lab/log.ts";
import { rulesFor } from "./dependencies.ts";
import { type Event, idealRun, isChange, type Logged, type Timing } from "./ideal-run.ts";

interface Bound {
  ms: number;
  /** The chain, first to last, each with the instant (ms) at which it is over. */
  chain: string[];
}

/**
 * How long a stack must take to come up, or to go, by EC2's own rules: the longest chain of calls and transitions that
 * depend on each other, as if every other call were free and the client needed no time. Computed from the lab's log alone.
 * Charged is:
 *
 * - A call: as long as it took; it takes effect half way.
 * - What a call names must have been made before: it starts after the answer that told the id, and takes effect no sooner
 *   than `describeLag` after the create did, for so long EC2 does not know the id.
 * - A transition: as long after the call that brought it about as in the log.
 * - A call that EC2 refuses in the wrong state takes effect when the right one is reached (`Accept...` at
 *   `pending-acceptance`; an address goes to an interface no sooner than `creation` after the launch; what a terminated
 *   instance was in the way of), as if the client had known when to send it: no look is charged for that.
 * - What others depend on is deleted after the answer that they are gone: see `rulesFor`.
 * - The last answer has to be known: where the chain ends with a state (`running`, `active`, `terminated`), one look, of
 *   which half lies behind the instant in which the state is reached. Where it ends with a call, its answer says it; that
 *   `down` looks for what is left is not charged.
 *
 * Failed calls, reads, and what they cost are left out: nobody is forced to make them. So are rules that are of no weight
 * beside a boot, such as that a gateway is attached before a route leads to it: the bound may be too low, not too high.
 *
 * @param before what was logged earlier, which tells how things hang together; it costs nothing here
 */
export function bound(log: Logged, timing: Timing, before?: Logged): Bound {
  const rules = rulesFor([...(before?.calls ?? []), ...log.calls].filter(isChange));
  const look = usualLook(log.calls);
  const ends = idealRun(log, rules, timing)
    .filter(({ label, isState }) => !isState || awaited.test(label))
    .map((event) => ({ event, ms: event.end + (event.isState ? look / 2 : 0) }));
  const last = ends.reduce((a, b) => (b.ms > a.ms ? b : a));
  return { ms: last.ms, chain: [...chainTo(last.event.after), said(last.event, last.ms)] };
}

/** The states that `up` and `down` wait for. */
const awaited = /^(i-\w+ is (running|terminated)|pcx-\w+ is active)$/;

/** How long a Describe took, in milliseconds: half of them longer, half shorter. */
function usualLook(calls: readonly LogEntry[]): number {
  const took = calls
    .filter(({ action }) => action.startsWith("Describe"))
    .map(({ start, end }) => end - start);
  return took.sort((a, b) => a - b)[took.length >> 1] ?? 0;
}

function chainTo(event: Event | undefined): string[] {
  return event ? [...chainTo(event.after), said(event, event.end)] : [];
}

const said = ({ label }: Event, ms: number) => `${label} (${Math.round(ms)})`;
