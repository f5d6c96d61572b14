import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import { SshError, type SshFailure } from "./error.ts";
import type { Session } from "./session.ts";

/** SSH did not come about in time, or cannot. `lastError` is the last try's. */
export class SshUnreachable extends UserError {
  override name = "SshUnreachable";
  constructor(
    /** `silent` only if no try was ever answered; else what the last answered one met. */
    readonly kind: SshFailure,
    readonly attempts: number,
    readonly lastError: SshError,
    message: string,
  ) {
    super(message, lastError.remedy, { cause: lastError });
  }
}

export interface WaitProgress {
  /** How many tries are over. */
  attempts: number;
  elapsedMs: number;
  /** Why the last one failed. */
  error: SshError;
}

interface WaitOptions {
  /** One try, within `timeoutMs` (what is left). Each must push a key of its own, as a key lives 60 s. */
  attempt: (left: { timeoutMs: number }) => Promise<Session>;
  clock: Clock;
  signal: AbortSignal;
  timeoutMs: number;
  onProgress?(progress: WaitProgress): void;
}

/**
 * How long one kind of failure, and nothing else, is borne. A refused key may be early in the boot (Instance Connect
 * reads it from the metadata service) but not for long; a wrong host key or a proxy's no does not mend itself.
 */
const patienceMs: Readonly<Record<SshFailure, number>> = {
  silent: Infinity,
  refused: Infinity,
  unreachable: Infinity,
  lost: Infinity,
  "not-ready": 90_000,
  auth: 30_000,
  "host-key": 0,
  proxy: 0,
};

const shortestPauseMs = 200;
const longestPauseMs = 1500;

/**
 * Tries until there is a session. Throws SshUnreachable; anything but an SshError that `attempt` throws, as it is; the
 * signal's reason when it aborts.
 */
export async function waitForSsh({
  attempt,
  clock,
  signal,
  timeoutMs,
  onProgress,
}: WaitOptions): Promise<Session> {
  const started = clock.now();
  let answered: SshError | undefined;
  let previous: { kind: SshFailure; since: number; pauseMs: number } | undefined;
  for (let attempts = 1; ; attempts++) {
    signal.throwIfAborted();
    const begun = clock.now();
    const result = await attempt({ timeoutMs: started + timeoutMs - begun }).catch((thrown: unknown) => {
      if (signal.aborted) throw signal.reason;
      if (thrown instanceof SshError) return thrown;
      throw thrown;
    });
    if (!(result instanceof SshError)) return result;
    const error = result;
    const now = clock.now();
    if (error.kind !== "silent") answered = error;
    onProgress?.({ attempts, elapsedMs: now - started, error });
    const same = previous?.kind === error.kind ? previous : undefined;
    // A try that took its time needs no pause on top; quick ones are made rarer and rarer.
    const took = now - begun;
    const pauseMs = same ? Math.min(same.pauseMs * 1.5, longestPauseMs) : shortestPauseMs;
    previous = { kind: error.kind, since: same?.since ?? now, pauseMs };
    const rest = Math.max(pauseMs - took, shortestPauseMs / 2);
    const outOfPatience = now - previous.since >= patienceMs[error.kind];
    if (outOfPatience || now + rest >= started + timeoutMs) {
      const { kind } = outOfPatience ? error : (answered ?? error);
      throw new SshUnreachable(kind, attempts, error, explain(kind, error, attempts, now - started));
    }
    await clock.sleep(rest, signal);
  }
}

function explain(kind: SshFailure, { message }: SshError, attempts: number, elapsedMs: number): string {
  if (kind === "host-key" || kind === "proxy") return message;
  const tries = `${attempts} ${attempts === 1 ? "try" : "tries"} in ${Math.round(elapsedMs / 1000)} s`;
  return kind === "silent"
    ? `SSH never answered (${tries}): ${message}`
    : `no SSH after ${tries}: ${message}`;
}
