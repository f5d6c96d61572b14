/** A token bucket: how many calls at once, and how many more each second. */
interface Limit {
  burst: number;
  refill: number;
}

const nonMutating: Limit = { burst: 100, refill: 20 };
const unfiltered: Limit = { burst: 50, refill: 10 };
const mutating: Limit = { burst: 50, refill: 5 };
const runInstancesResources: Limit = { burst: 1000, refill: 2 };

const own: Readonly<Record<string, Limit>> = {
  RunInstances: { burst: 5, refill: 2 },
  TerminateInstances: { burst: 100, refill: 5 },
  CreateTags: { burst: 100, refill: 10 },
};

const heavyUnfiltered = ["DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups"];

export interface Buckets {
  /** Takes this call's tokens, or says that there are not enough. `now` in milliseconds. */
  take(owner: string, action: string, input: Record<string, unknown>, now: number): boolean;
  clear(): void;
}

/**
 * EC2's request limits: each action has a bucket of its own, for each `owner` (account and Region). RunInstances pays for
 * its instances too. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
export function createBuckets(): Buckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const take = (key: string, limit: Limit, tokens: number, now: number): boolean => {
    const bucket = buckets.get(key) ?? { tokens: limit.burst, at: now };
    buckets.set(key, bucket);
    const refilled = bucket.tokens + ((now - bucket.at) / 1000) * limit.refill;
    bucket.tokens = Math.min(limit.burst, refilled);
    bucket.at = now;
    if (bucket.tokens < tokens) return false;
    bucket.tokens -= tokens;
    return true;
  };
  return {
    take: (owner, action, input, now) => {
      const plain = take(`${owner}/${action}`, limitOf(action, input), 1, now);
      if (!plain || action !== "RunInstances") return plain;
      return take(`${owner}/instances`, runInstancesResources, Number(input.MaxCount), now);
    },
    clear: () => buckets.clear(),
  };
}

function limitOf(action: string, input: Record<string, unknown>): Limit {
  if (own[action]) return own[action];
  if (!/^(Describe|Get)/.test(action)) return mutating;
  return heavyUnfiltered.includes(action) && isUnfiltered(input) ? unfiltered : nonMutating;
}

/** Neither ids nor filters nor pages. */
function isUnfiltered(input: Record<string, unknown>): boolean {
  return Object.entries(input).every(([name, value]) => name === "DryRun" || value === undefined);
}
