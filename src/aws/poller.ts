import type { Clock } from "../clock.ts";
import { pauseAfter, type Rhythm } from "./rhythm.ts";

/** Waits for several resources of one kind, with one Describe for all of them at a time. */
export interface Poller<Row> {
  /**
   * The row of `id` as soon as `done` says so of it; `done` may throw to give up. A row that Describe does not show (yet)
   * is `undefined`. Rejects with what Describe threw, and with TimedOut.
   */
  until(id: string, done: (row: Row | undefined) => boolean, how?: Wait): Promise<Row | undefined>;
}

interface Wait {
  /**
   * When that began which is waited for, in milliseconds since the epoch; now, if not given. It may be by another clock, and
   * only says when looking is worth it: at 0 it may be over any moment.
   */
  since?: number;
  /** Milliseconds. */
  timeout?: number;
}

/** A resource did not get where it was expected to be in time. */
export class TimedOut extends Error {
  override name = "TimedOut";
}

interface Waiter<Row> {
  id: string;
  done(row: Row | undefined): boolean;
  began: number;
  /** When the next look is due for it. */
  due: number;
  deadline: number;
  resolve(row: Row | undefined): void;
  reject(error: unknown): void;
}

/**
 * Looks at once, which is all where nothing has to be waited for; then as `rhythm` says for each, and all are looked at with
 * whoever is due first. Once it is seen that the endpoint makes one wait, who comes later is looked at by the rhythm alone.
 */
export function poller<Row>(options: {
  describe(ids: string[]): Promise<ReadonlyMap<string, Row>>;
  clock: Clock;
  signal: AbortSignal;
  rhythm: Rhythm;
}): Poller<Row> {
  const { describe, clock, signal, rhythm } = options;
  let waiters: Waiter<Row>[] = [];
  let polling = false;
  let takesTime = false;
  let wake = () => {};

  async function poll(): Promise<void> {
    polling = true;
    try {
      // Everyone who asks in this turn of the event loop shares the first Describe.
      await Promise.resolve();
      while (waiters.length > 0) {
        await someoneIsDue();
        const asked = new Set(waiters);
        settle(asked, await describe([...new Set(waiters.map(({ id }) => id))]));
      }
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
      waiters = [];
    } finally {
      polling = false;
    }
  }

  /** Whoever comes meanwhile may be due sooner. */
  async function someoneIsDue(): Promise<void> {
    for (;;) {
      const wait = waiters.reduce((least, { due }) => Math.min(least, due), Infinity) - clock.now();
      if (wait <= 0) return;
      const woken = new AbortController();
      wake = () => woken.abort();
      await clock.sleep(wait, AbortSignal.any([signal, woken.signal])).catch(() => signal.throwIfAborted());
    }
  }

  function settle(asked: ReadonlySet<Waiter<Row>>, rows: ReadonlyMap<string, Row>): void {
    const now = clock.now();
    waiters = waiters.filter((waiter) => {
      if (!asked.has(waiter)) return true;
      const row = rows.get(waiter.id);
      try {
        if (waiter.done(row)) waiter.resolve(row);
        else if (now > waiter.deadline) {
          waiter.reject(new TimedOut(`${waiter.id} did not become ready in time`));
        } else {
          takesTime = true;
          waiter.due = now + pauseAfter(rhythm, now - waiter.began);
          return true;
        }
      } catch (error) {
        waiter.reject(error);
      }
      return false;
    });
  }

  return {
    until: (id, done, { since, timeout = 600_000 } = {}) =>
      new Promise((resolve, reject) => {
        const now = clock.now();
        // The other clock may be ahead or behind, and what took longer than usual before may be over any moment.
        const waited = Math.min(Math.max(0, now - (since ?? now)), rhythm.usual);
        const due = takesTime ? now + pauseAfter(rhythm, waited) : now;
        waiters.push({ id, done, began: now - waited, due, deadline: now + timeout, resolve, reject });
        if (polling) wake();
        else void poll();
      }),
  };
}
