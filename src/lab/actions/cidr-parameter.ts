import { parseCidr } from "../../net/cidr.ts";
import { Ec2Error } from "../error.ts";

/**
 * A CIDR parameter as EC2 keeps it: host bits cleared (100.68.0.18/18 becomes 100.68.0.0/18). Throws InvalidParameterValue
 * where it is no block of that family.
 */
export function canonicalCidr(given: string, family: 4 | 6): string {
  const block = parseCidr(given);
  if (block?.family !== family) {
    throw new Ec2Error("InvalidParameterValue", `CIDR block ${given} is malformed`);
  }
  return block.text;
}
