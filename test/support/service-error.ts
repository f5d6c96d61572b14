import { EC2ServiceException } from "@aws-sdk/client-ec2";

/** An answer of EC2 that is an error, as the SDK throws it. */
export function serviceError(
  code: string,
  httpStatusCode = 400,
  message = `${code}, says EC2`,
): EC2ServiceException {
  return new EC2ServiceException({
    name: code,
    message,
    $fault: httpStatusCode < 500 ? "client" : "server",
    $metadata: { httpStatusCode },
  });
}

/** A connection that broke, as the SDK throws it: no status, because nothing was answered. */
export function brokenConnection(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", $metadata: {} });
}
