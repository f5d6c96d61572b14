import { hostLab, logOf } from "./labs.ts";
import { place } from "./place.ts";
import { type Row, row, seconds } from "./row.ts";
import { leastMs } from "./token-buckets.ts";

const count = 20;

/** A full mesh of 20 VPCs against the lab with the documented token buckets, and quotas that let it in. */
export async function scale(): Promise<Row[]> {
  const quotas = { vpcs: 50, internetGateways: 50, elasticIps: 50 };
  const lab = await hostLab({ timing: "instant", profile: { throttle: true }, quotas });
  const names = Array.from({ length: count }, (_, n) => `vpc-${n + 1}`);
  const at = place({
    ...lab.env,
    PEERCTL_CIDRS: names.map((_, n) => `10.${n + 1}.0.0/16`).join(","),
    PEERCTL_PEERINGS: names.flatMap((a, n) => names.slice(n + 1).map((b) => `${a}~${b}`)).join(","),
  });
  try {
    const up = await at.succeed(["up", "--yes"]);
    const afterUp = (await logOf(lab.url)).calls;
    const down = await at.succeed(["down", "--yes"]);
    const afterDown = (await logOf(lab.url)).calls.slice(afterUp.length);
    const made = (action: string) => afterUp.filter((call) => call.action === action && !call.error).length;
    const what = `${count} VPCs, full mesh`;
    return [
      ...[
        { name: "up", went: up, calls: afterUp },
        { name: "down", went: down, calls: afterDown },
      ].map(({ name, went, calls }) => {
        const least = leastMs(calls);
        const throttled = calls.filter(({ error }) => error === "RequestLimitExceeded").length;
        return row(
          `${what}: ${name}`,
          went.ms / least,
          { most: 1.15 },
          {
            goal: "<= 1.15 x what the buckets let through",
            measured: `${(went.ms / least).toFixed(2)} x (${seconds(went.ms)} of ${seconds(least)}; ${calls.length} calls, ${throttled} throttled and repeated)`,
          },
        );
      }),
      {
        what: `${what}: made`,
        goal: "190 peerings, 380 routes between them",
        measured: `${made("AcceptVpcPeeringConnection")} peerings, ${made("CreateRoute") - count} routes`,
        verdict:
          made("AcceptVpcPeeringConnection") === 190 && made("CreateRoute") === 380 + count ? "ok" : "missed",
      },
      row(
        `${what}: memory`,
        Math.max(up.peakMb, down.peakMb),
        { most: 200 },
        {
          goal: "< 200 MB",
          measured: `up ${up.peakMb.toFixed(0)} MB, down ${down.peakMb.toFixed(0)} MB`,
        },
      ),
    ];
  } finally {
    await lab.stop();
    at.remove();
  }
}
