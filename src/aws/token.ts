import { createHash } from "node:crypto";

/**
 * A ClientToken that is the same for the same try at the same thing, so that a call repeated after a crash makes nothing
 * twice; 64 characters, the most that EC2 takes.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function clientToken(stackUuid: string, key: string, generation: number): string {
  return createHash("sha256").update(`${stackUuid}\n${key}\n${generation}`).digest("hex");
}
