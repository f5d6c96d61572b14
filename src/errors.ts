/** What the process says to its caller. https://tldp.org/LDP/abs/html/exitcodes.html for 130. */
export const exitCode = { done: 0, error: 1, no: 2, interrupted: 130 } as const;

/**
 * Something that the person at the terminal can mend. `message` says the problem in one line; `remedy` is the next thing
 * to do, best a command that can be pasted.
 */
export class UserError extends Error {
  override name = "UserError";
  constructor(
    message: string,
    readonly remedy?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * A step that could not finish: which step, on which resource key or id, and why (`cause`, usually an EC2 error).
 * What it had made before is in the state file, so the remedy is always a command that goes on from there.
 */
export class StepError extends Error {
  override name = "StepError";
  constructor(
    readonly step: string,
    readonly subject: string,
    cause: unknown,
    readonly remedy?: string,
  ) {
    super(`${step} failed on ${subject}: ${describeCause(cause)}`, { cause });
  }
}

/** The run was stopped by SIGINT or SIGTERM. */
export class Interrupted extends Error {
  override name = "Interrupted";
  constructor(readonly signalName: string) {
    super(`interrupted by ${signalName}`);
  }
}

/** One line for any thrown value: an AWS error as `Code: message (Action)`, anything else as its message. */
export function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const action = "action" in cause ? ` (${cause.action})` : "";
  // A connection that failed has a code of the system's in its message, and a name that says nothing.
  const isService = "$metadata" in cause && cause.name !== "Error";
  return `${isService ? `${cause.name}: ` : ""}${cause.message}${action}`;
}
