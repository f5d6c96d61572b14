import type { LogEntry } from "../src/lab/log.ts";
import { hostLab, logOf } from "./labs.ts";
import { place } from "./place.ts";
import { type Row, row, seconds } from "./row.ts";

const count = 20;

/** As AWS documents them: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const buckets: Readonly<Record<string, { burst: number; refill: number }>> = {
  RunInstances: { burst: 5, refill: 2 },
  TerminateInstances: { burst: 100, refill: 5 },
};
const mutating = { burst: 50, refill: 5 };

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

/** The time in which the fullest bucket lets its calls through, however fast they are sent. */
function leastMs(calls: readonly LogEntry[]): number {
  const passed = new Map<string, number>();
  for (const { action, error } of calls) {
    if (error !== "RequestLimitExceeded") passed.set(action, (passed.get(action) ?? 0) + 1);
  }
  const waits = [...passed].map(([action, number]) => {
    const { burst, refill } =
      buckets[action] ?? (/^(Describe|Get)/.test(action) ? { burst: 100, refill: 20 } : mutating);
    return ((number - burst) / refill) * 1000;
  });
  return Math.max(...waits);
}
