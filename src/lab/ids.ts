/** Ids and random choices, seeded, so that a run repeats. */
export interface Ids {
  /** `prefix-` and 17 hexadecimal digits, as EC2 makes them: `make("vpc")` -> `vpc-0a1b...`. */
  make(prefix: string): string;
  /** A whole number, 0 <= n < `below`. */
  number(below: number): number;
  /** The generator's state, to persist and to go on from. */
  readonly state: number;
}

/** mulberry32: small, fast and repeatable; nothing here is a secret. */
export function seededIds(seed: number): Ids {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    make: (prefix) => {
      const digits = [next(), next(), next()].map((word) => word.toString(16).padStart(8, "0")).join("");
      return `${prefix}-0${digits.slice(0, 16)}`;
    },
    number: (below) => next() % below,
    get state() {
      return state;
    },
  };
}
