/**
 * What an error of an AWS call means for the caller: which of them pass by themselves, and which say that the thing is
 * not there (any more, or not yet: Describe and other actions lag behind a create).
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */

/** The error's code, e.g. `InvalidVpcID.NotFound`; "" for what is not an AWS error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "$metadata" in error ? error.name : "";
}

export function isNotFound(error: unknown): boolean {
  return /^Invalid\w+\.NotFound$|^EC2InstanceNotFoundException$/.test(codeOf(error));
}

const throttles = new Set([
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "EC2ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "BandwidthLimitExceeded",
]);

/**
 * What was only just made is not shown yet. Not so an image: nobody here makes one, so waiting for it is in vain.
 */
export function isNotFoundYet(error: unknown): boolean {
  return isNotFound(error) && !codeOf(error).startsWith("InvalidAMIID");
}

/**
 * AWS has no room for it where it was asked for: a definite no, though AWS counts it among its own failures (HTTP 500).
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity
 */
export function isOutOfCapacity(error: unknown): boolean {
  return /^Insufficient\w*Capacity$/.test(codeOf(error));
}

/**
 * AWS refuses to make what is there already: an earlier try's, perhaps, of which no answer came back, or somebody else's.
 * A token that was used with other parameters made something, too.
 */
export function saysItExists(error: unknown): boolean {
  return exists.has(codeOf(error));
}

const exists = new Set([
  "InvalidGroup.Duplicate",
  "InvalidSubnet.Conflict",
  "VpcPeeringConnectionAlreadyExists",
  "IdempotentParameterMismatch",
]);

export function isThrottle(error: unknown): boolean {
  return throttles.has(codeOf(error)) || statusOf(error) === 429;
}

/**
 * A failure of the way there or back, or of AWS itself: the call may or may not have taken effect. Everything that the SDK
 * throws and that is not an answer in AWS's own terms counts, e.g. a reset connection, a time-out, a body that does not
 * parse. What is not the SDK's (it marks all errors of a call by `$metadata`) says nothing of a call.
 */
export function isUncertain(error: unknown): boolean {
  if (error instanceof NoAnswer || (error instanceof Error && doubtful in error)) return true;
  if (isThrottle(error) || !(error instanceof Error) || !("$metadata" in error)) return false;
  if (error.name === "CredentialsProviderError" || error.name === "AbortError") return false;
  if (isOutOfCapacity(error)) return false;
  const status = statusOf(error);
  if (status !== undefined && status >= 500) return true;
  // An answered refusal has a 4xx status, and says whose fault it is: without, no answer was understood.
  return status === undefined || status < 400 || !("$fault" in error);
}

/** The call was sent and nothing came back in time: it may have taken effect. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
}

const doubtful = Symbol("an earlier try of the same call may have taken effect");

/** AWS refused a repeated call whose first try was left uncertain: then the refusal does not say that nothing was made. */
export function markDoubtful(error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { [doubtful]: true }) : error;
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number } | undefined)?.httpStatusCode;
}
