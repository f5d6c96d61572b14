import { DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2";
import type { Clock } from "../clock.ts";
import type { Aws } from "./aws.ts";
import { type Poller, poller } from "./poller.ts";
import type { Rhythm } from "./rhythm.ts";

/** From pending to running. The whole of `up` hangs on it, so it is looked at often when it should be over. */
export const boot: Rhythm = { first: 5000, usual: 9000, gap: 300, longest: 10_000 };

/** From shutting-down to terminated; how long that takes is for the guest to say. */
export const ending: Rhythm = { first: 5000, usual: 17_000, gap: 850, longest: 10_000 };

/**
 * Waits for instances.
 * @param seen told of what each look shows, before anybody who waits
 */
export function instancePoller(
  { aws, clock, signal }: { aws: Aws; clock: Clock; signal: AbortSignal },
  rhythm: Rhythm,
  seen: (rows: readonly Instance[]) => Promise<void> = async () => {},
): Poller<Instance> {
  return poller({
    clock,
    signal,
    rhythm,
    describe: async (ids) => {
      // By filter, not by id: one that is gone is then no error.
      const answer = await aws.ec2(
        new DescribeInstancesCommand({ Filters: [{ Name: "instance-id", Values: ids }] }),
      );
      const rows = (answer.Reservations ?? []).flatMap((each) => each.Instances ?? []);
      await seen(rows);
      return new Map(rows.map((row) => [row.InstanceId!, row]));
    },
  });
}
