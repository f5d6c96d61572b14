import type { Clock } from "../clock.ts";
import { codeOf, NoAnswer } from "./codes.ts";

/** A call of AWS, as it is sent and sent again. */
export interface Call<Output> {
  action: string;
  isRead: boolean;
  /** The command's. */
  input: unknown;
  /** Sends it once. */
  go(abort: Abort): Promise<Output>;
}

export interface Abort {
  abortSignal: AbortSignal;
}

/** One finished attempt of a call, for `--verbose` and for counting. No parameters: they may hold what is secret. */
export interface CallRecord {
  action: string;
  /** Milliseconds. */
  took: number;
  /** "ok", or the error's code. */
  outcome: string;
}

/** Sends a call once. Rejects with AWS's error, with NoAnswer, or with the reason for which the run ended. */
export type Attempt = <Output>(call: Call<Output>) => Promise<Output>;

/** How long a call may stay without an answer, in milliseconds; AWS takes a few seconds at most. */
const answerWithin = 40_000;

export function attempting({
  clock,
  signal,
  onCall,
}: {
  clock: Clock;
  signal: AbortSignal;
  onCall(call: CallRecord): void;
}): Attempt {
  return async ({ action, isRead, go }) => {
    signal.throwIfAborted();
    const started = clock.now();
    const note = (outcome: string) => onCall({ action, took: clock.now() - started, outcome });
    const answered = new AbortController();
    const ending = new AbortController();
    let late: NoAnswer | undefined;
    const giveUp = () => {
      late = new NoAnswer(`no answer within ${answerWithin / 1000} s`);
      ending.abort(late);
    };
    clock.sleep(answerWithin, answered.signal).then(giveUp, () => {});
    // A read may be cut off; a change that is under way is let finish, so that what it made gets recorded.
    const cutOff = () => ending.abort(signal.reason);
    if (isRead) signal.addEventListener("abort", cutOff, { once: true });
    const abortSignal = ending.signal;
    try {
      // The SDK heeds the signal once it sends, and never sends after it; it does not while it looks for credentials.
      const answer = await Promise.race([go({ abortSignal }), aborted(abortSignal)]);
      note("ok");
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const cause = late ?? error;
      note(codeOf(cause) || (cause instanceof Error ? cause.name : "error"));
      // For the message: which call it was.
      throw cause instanceof Error ? Object.assign(cause, { action }) : cause;
    } finally {
      signal.removeEventListener("abort", cutOff);
      // With a reason, as to make an AbortError for each call takes time.
      answered.abort("answered");
    }
  };
}

/** Rejects as soon as the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
