import { type Block, isVpcSize, parseCidr } from "../../net/cidr.ts";
import { Ec2Error } from "../error.ts";

/**
 * An IPv4 block as EC2 takes it, host bits cleared. Throws InvalidParameterValue for what is none, and `rangeCode` for one
 * that is no /16 to /28.
 */
export function sizedBlock(given: string, parameter: string, rangeCode: string): Block {
  const block = ipv4Block(given, parameter);
  if (!isVpcSize(block)) throw new Ec2Error(rangeCode, `The CIDR '${given}' is invalid.`);
  return block;
}

function ipv4Block(given: string, parameter: string): Block {
  const block = parseCidr(given);
  if (block?.family !== 4) throw invalidValue(given, parameter, "This is not a valid CIDR block.");
  return block;
}

export function invalidValue(given: string | undefined, parameter: string, why: string): Ec2Error {
  return new Ec2Error(
    "InvalidParameterValue",
    `Value (${given}) for parameter ${parameter} is invalid. ${why}`,
  );
}

/**
 * For parameters that AWS has and the lab does not model: an error, so that nobody believes that they did something. One
 * that is switched off (`false`, `{ Configured: false }`) asks for nothing: clients send such out of habit.
 */
export function refuseUnmodelled(input: object, parameters: readonly string[]): void {
  const asked = parameters.find((name) => !isOff((input as Record<string, unknown>)[name]));
  if (asked) {
    throw new Ec2Error("UnsupportedOperation", `The parameter ${asked} is not supported by this endpoint.`);
  }
}

function isOff(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === undefined || value === false;
  return Object.values(value).every(isOff);
}

/** Throws DependencyViolation in the words that EC2 has for most kinds. */
export function dependencyViolation(noun: string, id: string): Ec2Error {
  return new Ec2Error("DependencyViolation", `The ${noun} '${id}' has dependencies and cannot be deleted.`);
}
