import { isIP } from "node:net";
import { Ec2Error } from "../error.ts";

/**
 * A CIDR parameter as EC2 keeps it: host bits cleared (100.68.0.18/18 becomes 100.68.0.0/18). Throws InvalidParameterValue
 * where it is none of that family.
 */
export function canonicalCidr(given: string, family: 4 | 6): string {
  const [address = "", bits = "", ...rest] = given.split("/");
  const most = family === 4 ? 32 : 128;
  if (rest.length > 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
    throw new Ec2Error("InvalidParameterValue", `CIDR block ${given} is malformed`);
  }
  return given;
}
