import { UserError } from "../errors.ts";

/** An option's value, or a UserError. */
export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UserError(`"${text}" is not a whole number`, "give digits only, e.g. 4");
}

/** The same with a fraction. */
export function decimal(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UserError(`"${text}" is not a number`, "give a number, e.g. 0.5");
}
