import type { Clock } from "../clock.ts";
import type { Attempt, Call } from "./attempt.ts";
import { isUncertain, markDoubtful } from "./codes.ts";
import { learningFreshness } from "./freshness.ts";
import { learningPacer, type Pacer } from "./pacer.ts";
import { type CallOptions, startPatience, throttledFor, troubleOf } from "./trouble.ts";

/** Sends a call, and again as `CallOptions` says; paced for all who share the sender. */
export type Send = <Output>(call: Call<Output>, how: CallOptions) => Promise<Output>;

/** How fast most of AWS's buckets refill, in calls a second; where one differs, the pacer finds out. */
const usualRate = { reads: 20, changes: 5 };

export function sender({
  attempt,
  clock,
  signal,
  random = Math.random,
}: {
  attempt: Attempt;
  clock: Clock;
  signal: AbortSignal;
  random?: () => number;
}): Send {
  const pacers = new Map<string, Pacer>();
  const freshness = learningFreshness(clock);

  /** AWS has a bucket for each action. */
  const pacerOf = (action: string, isRead: boolean): Pacer => {
    const known = pacers.get(action) ?? learningPacer(clock, isRead ? usualRate.reads : usualRate.changes);
    pacers.set(action, known);
    return known;
  };

  return async (call, how) => {
    const pacer = pacerOf(call.action, call.isRead);
    let queued = 0;
    const patience = startPatience(() => clock.now() - queued, random);
    let isInDoubt = false;
    for (;;) {
      let pause = 0;
      const asked = clock.now();
      const naming = await freshness.turn(how.fresh ? call.input : undefined, signal);
      try {
        const ticket = await pacer.turn(signal);
        const start = clock.now();
        queued += start - asked;
        try {
          const answer = await attempt(call);
          pacer.passed(ticket);
          naming.knew(start);
          if (!call.isRead) freshness.born(answer);
          return answer;
        } catch (error) {
          const trouble = troubleOf(error, how);
          isInDoubt ||= isUncertain(error);
          if (trouble !== "throttled" && !isUncertain(error)) pacer.passed(ticket);
          const isOver =
            trouble === "throttled" ? pacer.throttled(ticket) > throttledFor : patience.endsWith(trouble);
          if (isOver) throw isInDoubt && error !== signal.reason ? markDoubtful(error) : error;
          if (trouble === "unknown yet") await naming.missed(start, signal);
          // The pacer says when it is worth trying again after a throttle.
          if (trouble === "uncertain" || trouble === "passing") pause = patience.pause(trouble);
        }
      } finally {
        naming.ended();
      }
      if (pause > 0) await clock.sleep(pause, signal);
    }
  };
}
