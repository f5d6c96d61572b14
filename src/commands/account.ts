import type { Aws } from "../aws/aws.ts";
import { UserError } from "../errors.ts";

/** The account of the credentials. Throws UserError where there are none, or where they are not taken. */
export async function account(aws: Aws): Promise<string> {
  try {
    return await aws.account();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    if (name === "CredentialsProviderError" || name === "TokenProviderError") {
      throw new UserError(
        "no AWS credentials were found",
        "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`; or try it without an account: --lab",
        { cause },
      );
    }
    if (/ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|UnrecognizedClient/.test(name)) {
      throw new UserError(
        `AWS does not take these credentials: ${(cause as Error).message}`,
        "refresh them (`aws sso login`, `aws configure`), then run the same command again",
        { cause },
      );
    }
    throw cause;
  }
}
