import { createHash } from "node:crypto";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";

/**
 * Idempotency by ClientToken: the first call with a token makes something and its id is kept; the same call again gets that
 * id without making anything; another call with the token is refused. Without a token, `make` just runs.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function once(
  call: Call,
  action: string,
  input: { ClientToken?: string; DryRun?: boolean },
  make: () => string,
): string {
  const { ClientToken, DryRun: _, ...parameters } = input;
  if (!ClientToken) return make();
  const key = `${action}/${ClientToken}`;
  const fingerprint = createHash("sha256")
    .update(JSON.stringify(sorted(parameters)))
    .digest("hex");
  const before = call.tables.clientTokens.get(key);
  if (before && before.fingerprint !== fingerprint) {
    throw new Ec2Error(
      "IdempotentParameterMismatch",
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    );
  }
  if (before) return before.id;
  const id = make();
  call.tables.clientTokens.set(key, { fingerprint, id });
  return id;
}

/** The same parameters in another order are the same request. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}
