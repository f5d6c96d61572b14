import type { LogEntry, LoggedTransition } from "../src/lab/log.ts";
import type { Rules } from "./dependencies.ts";

export interface Timing {
  /** Milliseconds for which a new id is not known to EC2. */
  describeLag: number;
  /** Milliseconds after a launch for which EC2 refuses an address even for the interface. */
  creation: number;
}

export interface Logged {
  calls: readonly LogEntry[];
  transitions: readonly LoggedTransition[];
}

/** Something of the ideal run: when it takes effect and is over at the earliest, in milliseconds from the start. */
export interface Event {
  label: string;
  effect: number;
  /** When a call's answer is there; a state is reached and over at once. */
  end: number;
  /** What it had to wait for last. */
  after?: Event;
  isState?: true;
}

/** Everything of the log, each as early as `rules` and `timing` allow; in the log's order. What failed or only read is out. */
export function idealRun(log: Logged, rules: Rules, timing: Timing): Event[] {
  const all: Event[] = [];
  const made = new Map<string, Event>();
  /** By `id state`. */
  const reached = new Map<string, Event>();
  const gone = new Map<string, Event>();
  /** By id: what brought about its next transition, and when that was in the log. */
  const causes = new Map<string, { event: Event; at: number }>();

  const arrive = ({ at, id, to }: LoggedTransition) => {
    const cause = causes.get(id);
    if (!cause) return;
    const effect = cause.event.effect + at - cause.at;
    const event: Event = { label: `${id} is ${to}`, effect, end: effect, after: cause.event, isState: true };
    all.push(event);
    reached.set(`${id} ${to}`, event);
    causes.set(id, { event, at });
    if (to === "terminated") gone.set(id, event);
  };

  const send = (call: LogEntry) => {
    const half = (call.end - call.start) / 2;
    let [start, after]: [number, Event | undefined] = [0, undefined];
    const wait = (event: Event, until: number) => {
      if (until > start) [start, after] = [until, event];
    };
    const takeEffectAfter = (event: Event, ms = 0) => wait(event, event.effect + ms - half);
    for (const id of call.used) {
      const maker = made.get(id);
      const pending = reached.get(`${id} pending-acceptance`);
      if (maker) {
        wait(maker, maker.end);
        takeEffectAfter(maker, timing.describeLag);
        if (call.action === "AssociateAddress" && maker.label === "RunInstances")
          takeEffectAfter(maker, timing.creation);
      }
      if (pending && call.action === "AcceptVpcPeeringConnection") takeEffectAfter(pending);
    }
    for (const what of rules.comesAfter(call)) {
      const event = gone.get(what);
      if (event?.isState) takeEffectAfter(event);
      else if (event) wait(event, event.end);
    }
    const event: Event = { label: call.action, effect: start + half, end: start + 2 * half, after };
    all.push(event);
    for (const id of call.made) made.set(id, event);
    for (const id of rules.moves(call)) causes.set(id, { event, at: middle(call) });
    for (const what of rules.ends(call)) gone.set(what, event);
  };

  const steps = [
    ...log.calls.filter(isChange).map((call) => ({ at: middle(call), take: () => send(call) })),
    ...log.transitions.map((transition) => ({ at: transition.at, take: () => arrive(transition) })),
  ];
  for (const { take } of steps.sort((a, b) => a.at - b.at)) take();
  return all;
}

/** Whether the call is one that EC2's rules may force: it changed something. */
export function isChange({ action, error }: LogEntry): boolean {
  return !error && !/^(Describe|Get)/.test(action);
}

/** When it took effect. */
function middle({ start, end }: LogEntry): number {
  return (start + end) / 2;
}
