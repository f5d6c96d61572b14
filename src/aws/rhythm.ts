/** When it is worth looking again at something that is waited for. Milliseconds, counted from when its state began. */
export interface Rhythm {
  /** The first look after the one at once. */
  first: number;
  /** How long it mostly takes. Nobody promises that: it may be over sooner, or take many times as long. */
  usual: number;
  /** From one look to the next at `usual`, when it may be over any moment: no two looks are closer. */
  gap: number;
  /** No two looks are farther apart. */
  longest: number;
}

/** A look so shortly before `usual`, as a part of it, is left out for the one at `usual`. */
const nearly = 0.87;

/**
 * For how long not to look again at something that is not over after `waited`. Before `usual` the looks are few: each comes
 * after half as long again. At `usual` they are closest, and then farther and farther apart, as the longer it takes the less
 * is known about when it ends, and the less matters a second.
 */
export function pauseAfter({ first, usual, gap, longest }: Rhythm, waited: number): number {
  return Math.min(longest, Math.max(gap, pause()));

  function pause(): number {
    if (waited < first) return first - Math.max(0, waited);
    if (waited >= usual) return gap * (waited / usual) ** 1.5;
    const next = waited * 1.5;
    return (next < usual * nearly ? next : usual) - waited;
  }
}
