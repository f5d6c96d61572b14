import { cidr } from "./cidr.ts";

/** What EC2 always answers. A TypeError where it did not: the reply is not what it should be. */
export function must<Value>(value: Value | undefined, member: string): Value {
  if (value === undefined) throw new TypeError(`EC2 answered a row without ${member}`);
  return value;
}

/** Whether an association holds; those that say nothing of their state do. */
export function isThere(state: string | undefined): boolean {
  return state === undefined || state === "associated";
}

/** CIDR blocks in canonical form, each once, in the order given. */
export function blocks(...texts: (string | undefined)[]): string[] {
  return [...new Set(texts.flatMap((text) => (text ? [cidr(text).text] : [])))];
}
