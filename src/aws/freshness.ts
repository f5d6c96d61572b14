import type { Clock } from "../clock.ts";

/**
 * How old an id must be before AWS's other actions know it. Mostly they do at once; where they lag, that is found out once
 * and for all, and not by every call that names a new id.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export interface Freshness {
  /** Notes the ids in the answer of a call that makes things. */
  born(answer: unknown): void;
  /** Resolves when a call with this input may start. */
  turn(input: unknown, signal: AbortSignal): Promise<Attempt>;
}

/** One call under way. `start` is when it went out, in milliseconds since the epoch: it may have waited after its turn. */
export interface Attempt {
  /** AWS knew what it names. */
  knew(start: number): void;
  /** AWS did not (yet); resolves when it is worth another turn. */
  missed(start: number, signal: AbortSignal): Promise<void>;
  /** To be told last, however the call went: others may wait for that. */
  ended(): void;
}

/** Milliseconds: when a scout tries again, at first; each time it is that much later. */
const [second, later] = [300, 1.35];
/** A scout that gets no answer keeps nobody for longer than this, in milliseconds. */
const mostHeld = 1000;
const longestPause = 4000;
/**
 * AWS's lag is no longer than this, in milliseconds: where an older id is not known it has gone, and a call that names ids as
 * old as that never waits for others' sake.
 */
const longestLag = 10_000;

/**
 * As long as nothing is known, the first call that names a new id goes ahead as a scout, and the others that name new ones
 * wait for its answer. The age at which a scout comes through is the age that all others wait for.
 */
export function learningFreshness(clock: Clock): Freshness {
  const birthdays = new Map<string, number>();
  /** Milliseconds; undefined as long as no call has come through that tells it. */
  let needed: number | undefined;
  /** The oldest that an id was that AWS did not know yet, in milliseconds. */
  let unknownAt = 0;
  let scouting: ReturnType<typeof scout> | undefined;

  const youngest = (input: unknown): number | undefined => {
    const known = idsIn(input).flatMap((id) => birthdays.get(id) ?? []);
    return known.length > 0 ? Math.max(...known) : undefined;
  };

  const note = (value: unknown) => {
    const now = clock.now();
    for (const id of idsIn(value)) if (!birthdays.has(id)) birthdays.set(id, now);
  };
  /** Made by an earlier run: known, unless AWS says otherwise, and then as good as made just now. */
  const olderIds = (input: unknown): Attempt => ({
    knew: () => {},
    missed: (_start, signal) => {
      note(input);
      return clock.sleep(second, signal);
    },
    ended: () => {},
  });

  return {
    born: note,
    turn: async (input, signal) => {
      const born = youngest(input);
      if (born === undefined) return olderIds(input);
      const isYoung = clock.now() - born <= longestLag;
      const until = clock.now() + mostHeld;
      while (isYoung && needed === undefined && scouting && clock.now() < until) {
        await Promise.race([scouting.over, clock.sleep(until - clock.now(), signal)]);
      }
      const mine = isYoung && needed === undefined && !scouting ? scout() : undefined;
      scouting ??= mine;
      const wait = born + (needed ?? 0) - clock.now();
      if (wait > 0) await clock.sleep(wait, signal);
      return {
        knew: (start) => {
          const age = start - born;
          // What came through so late says nothing about how soon it might have.
          if (age <= Math.max(mostHeld, 2 * unknownAt)) needed ??= Math.min(longestLag, age);
        },
        missed: async (start, signal) => {
          const age = start - born;
          const next = Math.max(second, age * later);
          if (age <= longestLag) {
            unknownAt = Math.max(unknownAt, age);
            if (needed !== undefined) needed = Math.max(needed, Math.min(longestLag, next));
          }
          const pause = born + next - clock.now();
          await clock.sleep(Math.min(longestPause, Math.max(0, pause)), signal);
        },
        ended: () => {
          if (!mine || scouting !== mine) return;
          scouting = undefined;
          mine.end();
        },
      };
    },
  };
}

function scout() {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end };
}

/** All ids in an input or an answer: `vpc-0a1b...`. */
function idsIn(value: unknown): string[] {
  return JSON.stringify(value)?.match(/\b[a-z]+-[0-9a-f]{8,17}\b/g) ?? [];
}
