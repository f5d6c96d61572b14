import { GetConsoleOutput$, type GetConsoleOutputRequest } from "@aws-sdk/client-ec2";
import { type Actions, reads } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { fingerprint, hostKeyOf, publicKeyOf } from "../host-key.ts";
import { find } from "../kinds.ts";
import type { InstanceRecord } from "../world.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";
import { privateDnsName } from "./public-addresses.ts";

/** What cloud-init writes to the console at first boot, once the host keys are made. */
function firstBoot(record: InstanceRecord, region: string, readyAt: number): string {
  const host = privateDnsName(region, record.instance.PrivateIpAddress ?? "");
  const key = publicKeyOf(hostKeyOf(record));
  const [, day, month, time] = /^\w+, (\d+) (\w+) \d+ ([\d:]+)/.exec(new Date(readyAt).toUTCString()) ?? [];
  const logged = (text: string) =>
    `<14>${month} ${String(Number(day)).padStart(2)} ${time} cloud-init: ${text}`;
  return [
    "Amazon Linux 2023",
    `Kernel 6.1 on an ${record.instance.Architecture === "arm64" ? "aarch64" : "x86_64"} (-)`,
    "",
    `${host.split(".")[0]} login: `,
    logged("#############################################################"),
    logged("-----BEGIN SSH HOST KEY FINGERPRINTS-----"),
    logged(`256 ${fingerprint(key)} root@${host} (ED25519)`),
    logged("-----END SSH HOST KEY FINGERPRINTS-----"),
    logged("#############################################################"),
    "-----BEGIN SSH HOST KEY KEYS-----",
    `${key} root@${host}`,
    "-----END SSH HOST KEY KEYS-----",
    "",
  ].join("\r\n");
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshoot-unreachable-instance.html#instance-console-console-output */
export const consoleOutputActions: Actions = {
  GetConsoleOutput: reads(GetConsoleOutput$, (input: GetConsoleOutputRequest, call) => {
    const record = find(call, "instance", input.InstanceId);
    const { instance, runningSince } = record;
    if (input.Latest && instanceTypeNamed(instance.InstanceType)?.xen) {
      throw new Ec2Error(
        "UnsupportedOperation",
        "This instance type does not support retrieving the latest console logs. Please try again without the latest flag.",
      );
    }
    const { now, profile } = call.world;
    const readyAt = (runningSince ?? Number.POSITIVE_INFINITY) + profile.sshdStart;
    const text = now >= readyAt ? firstBoot(record, call.region, readyAt) : undefined;
    return {
      InstanceId: input.InstanceId,
      Timestamp: new Date(now),
      ...(text && { Output: Buffer.from(text).toString("base64") }),
    };
  }),
};
