import { Ec2Error } from "../error.ts";
import { isRegion } from "../region.ts";
import type { WireRequest } from "./wire.ts";

/** Who calls, and where to: from the signature's credential scope. The signature itself nobody here could check. */
export interface Credential {
  accessKey: string;
  account: string;
  region: string;
  /** `ec2`, `sts`, `ec2-instance-connect`... */
  service: string;
}

const otherwise = "123456789012";

/** Throws as AWS does where there is no signature, or none of version 4, or one for no Region. */
export function credentialOf({ headers, query }: WireRequest): Credential {
  const header = headers.authorization;
  const presigned = query.get("X-Amz-Credential") ?? undefined;
  if (header === undefined && presigned === undefined) {
    throw new Ec2Error(
      "MissingAuthenticationToken",
      "The request must contain either a valid (registered) AWS access key ID or X.509 certificate.",
      403,
    );
  }
  const scope = presigned ?? /^AWS4-HMAC-SHA256\s.*\bCredential=([^,\s]+)/.exec(String(header))?.[1] ?? "";
  const [accessKey, date, region, service, end, ...rest] = scope.split("/");
  if (!accessKey || !date || !region || !service || end !== "aws4_request" || rest.length > 0) {
    throw new Ec2Error("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
  }
  if (!isRegion(region)) {
    throw new Ec2Error("AuthFailure", `Credential should be scoped to a valid region, not '${region}'.`, 401);
  }
  return { accessKey, account: /^[0-9]{12}$/.test(accessKey) ? accessKey : otherwise, region, service };
}
