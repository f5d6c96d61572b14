import type { LogEntry, LoggedTransition } from "../src/lab/log.ts";

/**
 * How long a stack must take to come up, or to go, by EC2's own rules: the longest chain of calls and transitions that
 * depend on each other, as if every other call were free and the client needed no time. Computed from the lab's log alone:
 *
 * - A call takes as long as it took (`end - start`); it takes effect half way.
 * - What a call names must have been made before: it starts after the answer that told the id, and takes effect no sooner
 *   than `describeLag` after the create did, for so long EC2 does not know the id.
 * - A transition takes as long after the call that brought it about as it took in the log.
 * - A call that EC2 refuses in the wrong state takes effect after the transition to the right one (`Accept...` after
 *   `pending-acceptance`; an address goes to an interface no sooner than `creation` after the launch).
 * - What others depend on is deleted after them: by what was made with it, and by what was attached to it.
 * - Whoever waits for a state learns of it by a look, of which half lies behind the instant in which the state is reached:
 *   before `Accept...`, before what a terminated instance was in the way of, and when `up` waits for `running` and `active`.
 *   `down` ends with a look at what is left.
 *
 * Failed calls, reads, and what they cost are left out: nobody is forced to make them.
 */
export interface Timing {
  /** Milliseconds for which a new id is not known to EC2. */
  describeLag: number;
  /** Milliseconds after a launch for which EC2 refuses an address even for the interface. */
  creation: number;
}

interface Bound {
  ms: number;
  /** The chain, first to last, each with the instant (ms) at which it is over. */
  chain: string[];
}

/** An event of the ideal run: when it takes effect and is over at the earliest, in milliseconds from the start. */
interface Event {
  label: string;
  effect: number;
  end: number;
  /** What it had to wait for last. */
  after?: Event;
}

interface Calls {
  calls: readonly LogEntry[];
  transitions: readonly LoggedTransition[];
}

/** @param before what was logged earlier, which tells how things hang together; it costs nothing here */
export function bound(log: Calls, timing: Timing, before?: Calls): Bound {
  const facts = dependencies([...(before?.calls ?? []), ...log.calls].filter(isChange));
  const steps = [
    ...log.calls.filter(isChange).map((call) => ({ at: middle(call), call })),
    ...log.transitions.map((transition) => ({ at: transition.at, transition })),
  ].sort((a, b) => a.at - b.at);
  const look = usualLook(log.calls);

  const all: Event[] = [{ label: "start", effect: 0, end: 0 }];
  const made = new Map<string, Event>();
  /** By `id state`. */
  const reached = new Map<string, Event>();
  const gone = new Map<string, Event>();
  /** By id: what brought about its next transition, in the ideal run, and when that was in the log. */
  const causes = new Map<string, { event: Event; at: number }>();

  for (const { at, ...step } of steps) {
    if ("transition" in step) {
      const { id, to } = step.transition;
      const cause = causes.get(id);
      if (!cause) continue;
      const effect = cause.event.effect + at - cause.at;
      const event = { label: `${id} is ${to}`, effect, end: effect + look / 2, after: cause.event };
      reached.set(`${id} ${to}`, event);
      causes.set(id, { event, at });
      if (to === "terminated") gone.set(id, event);
      if (isAwaited.test(event.label)) all.push(event);
      continue;
    }
    const { call } = step;
    const half = (call.end - call.start) / 2;
    const starts: [number, Event | undefined][] = [[0, undefined]];
    const wait = (event: Event | undefined, effectAfter = 0) => {
      if (event) starts.push([Math.max(event.end, event.effect + effectAfter - half), event]);
    };
    for (const id of call.used) {
      const isLaunch = made.get(id)?.label === "RunInstances";
      wait(made.get(id), timing.describeLag);
      if (call.action === "AcceptVpcPeeringConnection") wait(reached.get(`${id} pending-acceptance`));
      if (call.action === "AssociateAddress" && isLaunch) wait(made.get(id), timing.creation);
    }
    for (const id of facts.mustGoFirst(call)) wait(gone.get(id));
    const [start, after] = starts.reduce((a, b) => (b[0] > a[0] ? b : a));
    const event: Event = { label: call.action, effect: start + half, end: start + 2 * half, after };
    all.push(event);
    for (const id of call.made) made.set(id, event);
    for (const id of facts.moves(call)) causes.set(id, { event, at });
    for (const id of facts.ends(call)) gone.set(id, event);
  }
  const last = all.reduce((a, b) => (b.end > a.end ? b : a));
  const isDown = log.calls.some(({ action }) => action === "DeleteVpc");
  return { ms: last.end + (isDown ? look : 0), chain: chainTo(last) };
}

/** What `up` waits for. */
const isAwaited = /^(i-\w+ is running|pcx-\w+ is active)$/;

function isChange({ action, error }: LogEntry): boolean {
  return !error && !/^(Describe|Get)/.test(action);
}

/** How long a Describe took, in milliseconds: half of them longer, half shorter. */
function usualLook(calls: readonly LogEntry[]): number {
  const took = calls
    .filter(({ action }) => action.startsWith("Describe"))
    .map(({ start, end }) => end - start);
  return took.sort((a, b) => a - b)[took.length >> 1] ?? 0;
}

function middle({ start, end }: LogEntry): number {
  return (start + end) / 2;
}

function chainTo(last: Event): string[] {
  const chain: string[] = [];
  for (let event: Event | undefined = last; event; event = event.after) {
    chain.unshift(`${event.label} (${Math.round(event.end)})`);
  }
  return chain;
}

/** What must be gone before what, from how things were made and attached. */
function dependencies(calls: readonly LogEntry[]) {
  /** Id -> the ids that must be gone before it. */
  const dependents = new Map<string, Set<string>>();
  const depend = (on: string | undefined, id: string | undefined) => {
    if (on && id) dependents.set(on, (dependents.get(on) ?? new Set()).add(id));
  };
  for (const { action, used, made } of calls) {
    const of = (prefix: string) => [...used, ...made].find((id) => id.startsWith(`${prefix}-`));
    if (/^(Create|Run)/.test(action)) {
      for (const on of used) for (const id of made) if (isDeletedAlone(id)) depend(on, id);
    }
    if (action === "AttachInternetGateway") depend(of("vpc"), of("igw"));
    // An associated table cannot go, and the association goes with the subnet.
    if (action === "AssociateRouteTable") depend(of("rtb"), of("subnet"));
    if (action === "AssociateAddress") {
      depend(of("eipalloc"), of("eipassoc"));
      depend("a gateway's attachment", of("eipassoc"));
    }
  }
  return {
    /** Whose state the call sets in motion. */
    moves: ({ action, used, made }: LogEntry): string[] => {
      if (action.includes("VpcPeeringConnection"))
        return [...used, ...made].filter((id) => id.startsWith("pcx-"));
      return action.endsWith("Instances") ? [...used, ...made].filter((id) => id.startsWith("i-")) : [];
    },
    mustGoFirst: ({ action, used }: LogEntry): string[] => {
      if (action === "DetachInternetGateway") return [...(dependents.get("a gateway's attachment") ?? [])];
      if (!/^(Delete|Release)/.test(action) || action === "DeleteVpcPeeringConnection") return [];
      return used.flatMap((id) => [...(dependents.get(id) ?? []), `attachment of ${id}`]);
    },
    ends: ({ action, used }: LogEntry): string[] => {
      if (action === "DetachInternetGateway") return used.map((id) => `attachment of ${id}`);
      return /^(Delete|Release|Disassociate)/.test(action) ? used : [];
    },
  };
}

/** Peerings go with their VPCs, and what comes with an instance goes with it. */
function isDeletedAlone(id: string): boolean {
  return /^(vpc|subnet|igw|rtb|sg|i)-/.test(id);
}
