import * as v from "valibot";

/** The version that this peerctl writes. A file with a higher one is refused, never overwritten. */
export const schemaVersion = 1;

const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
/** ISO 8601, UTC. Waits are reckoned from it, so that what is no time would make one that never ends. */
const Moment = v.pipe(v.string(), v.isoTimestamp());

// Strict throughout: a key that this peerctl does not know is refused, because writing the file would lose it.

/** One thing that peerctl made (or adopted), under its logical key, e.g. `vpc/vpc-1` or `route/vpc-1~vpc-2`. */
const Resource = v.strictObject({
  /** AWS's id; for what has none (a route, an attachment) the id of what holds it. */
  id: v.string(),
  /** The kind of key: `vpc`, `subnet`, `route`... (the key's first part). */
  type: v.string(),
  /** The subcommand that made it. */
  step: v.string(),
  madeAt: Moment,
  /** What later steps need and a Describe would cost a call for, e.g. an instance's interface id. No secrets. */
  attributes: v.record(v.string(), v.string()),
});

/** A create that was begun: written before the call, removed by the record of its id. */
const Intent = v.strictObject({
  step: v.string(),
  at: Moment,
  /** Goes up each time that the key is made anew; part of the ClientToken. */
  generation: Count,
});

export const StateFile = v.strictObject({
  schemaVersion: v.literal(schemaVersion),
  stack: v.strictObject({ name: v.string(), uuid: v.string() }),
  account: v.string(),
  region: v.string(),
  /** The endpoint's URL, or "aws" for AWS's own, or "lab". */
  endpoint: v.pipe(v.string(), v.transform(withoutPassword)),
  topology: v.strictObject({
    vpcs: v.array(
      v.strictObject({ name: v.string(), cidr: v.string(), subnetCidr: v.string(), connects: v.boolean() }),
    ),
    peerings: v.array(v.strictObject({ requester: v.string(), accepter: v.string() })),
  }),
  resources: v.record(v.string(), Resource),
  intents: v.record(v.string(), Intent),
  /** How often each key was made, so that a ClientToken is never used twice. */
  generations: v.record(v.string(), Count),
  /**
   * What the last removal set about to delete, by key, and when it last recorded that something went: for as long as AWS may
   * lag, that such a thing is still shown does not say that it is there.
   */
  leaving: v.optional(v.strictObject({ at: Moment, keys: v.array(v.string()) })),
  /** SSH host keys by instance id, as OpenSSH fingerprints (`SHA256:...`). */
  hostKeys: v.record(v.string(), v.string()),
});

/** The first peerctl wrote the URL as it was given. */
function withoutPassword(endpoint: string): string {
  if (!URL.canParse(endpoint)) return endpoint;
  const url = new URL(endpoint);
  if (url.username === "" && url.password === "") return endpoint;
  Object.assign(url, { username: "", password: "" });
  return url.href.replace(/\/$/, "");
}

export type State = v.InferOutput<typeof StateFile>;
export type ResourceRecord = v.InferOutput<typeof Resource>;
export type IntentRecord = v.InferOutput<typeof Intent>;
