import type { LogEntry } from "../src/lab/log.ts";

/** How many calls at once, and how many more each second. */
interface Bucket {
  burst: number;
  refill: number;
}

/**
 * As AWS documents them: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html. Reads of instances,
 * interfaces and groups that name neither ids nor filters have less (50 and 10); `up` and `down` send none of those, and the
 * log does not tell them apart.
 */
const own: Readonly<Record<string, Bucket>> = {
  RunInstances: { burst: 5, refill: 2 },
  TerminateInstances: { burst: 100, refill: 5 },
  CreateTags: { burst: 100, refill: 10 },
};
const mutating: Bucket = { burst: 50, refill: 5 };
const reading: Bucket = { burst: 100, refill: 20 };

/**
 * The time in milliseconds in which the fullest bucket lets those of `calls` through that succeeded, however fast they are
 * sent; 0 where every burst is enough. What failed, for whatever reason, was not let through.
 */
export function leastMs(calls: readonly LogEntry[]): number {
  const passed = new Map<string, number>();
  for (const { service, action, error } of calls) {
    if (service === "ec2" && !error) passed.set(action, (passed.get(action) ?? 0) + 1);
  }
  const waits = [...passed].map(([action, number]) => {
    const { burst, refill } = own[action] ?? (/^(Describe|Get)/.test(action) ? reading : mutating);
    return ((number - burst) / refill) * 1000;
  });
  return Math.max(0, ...waits);
}
