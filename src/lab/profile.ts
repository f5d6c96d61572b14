/** How the lab's time runs. All values in milliseconds; a seeded jitter of up to a fifth is put on each by the world. */
export interface Profile {
  name: "instant" | "aws";
  /** Each call's own latency, by action name where it differs from `latency`. */
  latency: number;
  /** How long a state lasts, by `kind:state`: `instance:pending` is the boot until `running`. */
  lasts: Readonly<Record<string, number>>;
  /** How long Describe, and actions that name a new id, lag behind the create. */
  describeLag: number;
  /** While it lags, whether each look sees it or not by chance: as on AWS, where not every server knows the same yet. */
  flicker?: boolean;
  /** Whether Describe lags behind all changes: deletes, routes, rules, attachments and states as well. */
  stale?: boolean;
  /** From `running` until sshd answers on port 22. */
  sshdStart: number;
  /** Whether the documented token buckets are in force. */
  throttle: boolean;
}

/** How long what is gone stays visible, whatever the profile: SDK waiters look for `terminated` and `deleted`. */
const remembers = { "instance:terminated": 3_600_000, "peering:dead": 7_200_000 };

/** Every transition has happened by the next request: for tests, which have no time to wait. */
export const instant: Profile = {
  name: "instant",
  latency: 0,
  lasts: remembers,
  describeLag: 0,
  sshdStart: 0,
  throttle: false,
};

/** About what an account in us-east-1 sees. */
export const aws: Profile = {
  name: "aws",
  latency: 120,
  lasts: {
    "vpc:pending": 500,
    "subnet:pending": 500,
    "peering:initiating-request": 800,
    "peering:provisioning": 1500,
    "peering:deleting": 1500,
    /** The first part of `pending`, in which EC2 refuses an address even for the interface. */
    "instance:creation": 1200,
    "instance:pending": 9000,
    /** From `running` until the status checks have passed. */
    "instance:initializing": 120_000,
    "instance:shutting-down": 20000,
    /** The same of one that was stopped: there is no guest to shut down. */
    "instance:shutting-down-stopped": 1000,
    "instance:stopping": 15000,
    "network-interface:pending": 500,
    "network-interface:attaching": 1500,
    "network-interface:detaching": 3000,
    ...remembers,
  },
  describeLag: 400,
  sshdStart: 8000,
  throttle: true,
};
