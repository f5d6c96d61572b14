import type { InstanceMetadataOptionsRequest, InstanceMetadataOptionsResponse } from "@aws-sdk/client-ec2";
import { Ec2Error } from "../error.ts";

/** What an instance of an image with `ImdsSupport` v2.0 has, as Amazon Linux 2023 is. */
const defaults: InstanceMetadataOptionsResponse = {
  HttpTokens: "required",
  HttpPutResponseHopLimit: 2,
  HttpEndpoint: "enabled",
  HttpProtocolIpv6: "disabled",
  InstanceMetadataTags: "disabled",
};

const allowed: Readonly<Record<string, readonly string[]>> = {
  HttpTokens: ["optional", "required"],
  HttpEndpoint: ["enabled", "disabled"],
  HttpProtocolIpv6: ["enabled", "disabled"],
  InstanceMetadataTags: ["enabled", "disabled"],
};

/**
 * The instance's metadata options with what a request changes of them; `pending` until they are applied.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
 */
export function metadataOptions(
  current: InstanceMetadataOptionsResponse = defaults,
  {
    HttpTokens,
    HttpPutResponseHopLimit,
    HttpEndpoint,
    HttpProtocolIpv6,
    InstanceMetadataTags,
  }: InstanceMetadataOptionsRequest = {},
): InstanceMetadataOptionsResponse {
  const asked = { HttpTokens, HttpPutResponseHopLimit, HttpEndpoint, HttpProtocolIpv6, InstanceMetadataTags };
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  for (const [name, value] of Object.entries(given)) {
    const values = allowed[name];
    if (values && !values.includes(String(value))) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `Value (${value}) for parameter ${name} is invalid. Valid values are: ${values.join(", ")}`,
      );
    }
  }
  if (
    HttpPutResponseHopLimit !== undefined &&
    (HttpPutResponseHopLimit < 1 || HttpPutResponseHopLimit > 64)
  ) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value (${HttpPutResponseHopLimit}) for parameter HttpPutResponseHopLimit is invalid. Expecting a value between 1 and 64.`,
    );
  }
  return { ...current, ...given, State: "pending" };
}
