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
 * - Whoever waits for a state learns of it by one more call: `up` of `running` and `active`. `down` ends with one look at
 *   what is left.
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
  const done = ({ action, error }: LogEntry) => !error && !/^(Describe|Get)/.test(action);
  const facts = dependencies([...(before?.calls ?? []), ...log.calls].filter(done));
  const steps = [
    ...log.calls.filter(done).map((call) => ({ at: middle(call), call })),
    ...log.transitions.map((transition) => ({ at: transition.at, transition })),
  ].sort((a, b) => a.at - b.at);

  const made = new Map<string, Event>();
  const reached = new Map<string, Event>();
  const gone = new Map<string, Event>();
  /** By id: the last thing that happened to it, in the ideal run and in the log. */
  const touched = new Map<string, { event: Event; at: number }>();

  for (const step of steps) {
    if ("transition" in step) {
      const { id, to } = step.transition;
      const cause = touched.get(id);
      if (!cause) continue;
      const effect = cause.event.effect + step.at - cause.at;
      const event = { label: `${id} is ${to}`, effect, end: effect, after: cause.event };
      reached.set(`${id} ${to}`, event);
      touched.set(id, { event, at: step.at });
      if (to === "terminated") gone.set(id, event);
      continue;
    }
    const { call } = step;
    const half = (call.end - call.start) / 2;
    const starts: [number, Event | undefined][] = [[0, undefined]];
    for (const id of call.used) {
      const maker = made.get(id);
      if (maker) starts.push([Math.max(maker.end, maker.effect + timing.describeLag - half), maker]);
    }
    const wait = (event: Event | undefined, more = 0) => {
      if (event) starts.push([event.effect + more - half, event]);
    };
    if (call.action === "AcceptVpcPeeringConnection") {
      for (const id of call.used) wait(reached.get(`${id} pending-acceptance`));
    }
    if (call.action === "AssociateAddress") {
      for (const id of call.used)
        wait(made.get(id)?.label === "RunInstances" ? made.get(id) : undefined, timing.creation);
    }
    for (const id of facts.mustGoFirst(call)) wait(gone.get(id));
    const [start, after] = starts.reduce((a, b) => (b[0] > a[0] ? b : a));
    const event: Event = { label: call.action, effect: start + half, end: start + 2 * half, after };
    for (const id of call.made) made.set(id, event);
    for (const id of [...call.made, ...call.used]) touched.set(id, { event, at: step.at });
    for (const id of facts.ends(call)) gone.set(id, event);
  }

  const look = log.calls.filter(({ action }) => action.startsWith("Describe"));
  const oneLook = look.reduce((sum, { start, end }) => sum + end - start, 0) / Math.max(1, look.length);
  const all = [...made.values(), ...gone.values(), ...[...touched.values()].map(({ event }) => event)];
  const awaited = [...reached]
    .filter(([key]) => /^(i-\w+ running|pcx-\w+ active)$/.test(key))
    .map(([, event]) => event);
  // A look that is under way when the state is reached sees it: half of its time comes after.
  const ends: [number, Event][] = [
    ...all
      .filter(({ label }) => !label.startsWith("pcx-"))
      .map((event): [number, Event] => [event.end, event]),
    ...awaited.map((event): [number, Event] => [event.end + oneLook / 2, event]),
  ];
  const [ms, last] = ends.reduce((a, b) => (b[0] > a[0] ? b : a));
  const isDown = log.calls.some(({ action }) => action === "DeleteVpc");
  return { ms: ms + (isDown ? oneLook : 0), chain: chainTo(last) };
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
