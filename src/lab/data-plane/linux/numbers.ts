import type { NumberOf } from "./plan.ts";

/** Numbers from 1, each id its own. None is given twice, so that what the kernel still tracks under an old one stays apart. */
export function numbers(): NumberOf {
  const given = new Map<string, number>();
  return (id) => {
    const known = given.get(id) ?? given.size + 1;
    given.set(id, known);
    return known;
  };
}
