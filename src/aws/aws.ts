import {
  EC2Client,
  type EC2ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-ec2";
import type { EC2InstanceConnectClient } from "@aws-sdk/client-ec2-instance-connect";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Command, Logger } from "@smithy/types";
import type { Clock } from "../clock.ts";
import { codeOf, isNotFoundYet, isThrottle, isUncertain, markDoubtful, NoAnswer } from "./codes.ts";
import { learningFreshness } from "./freshness.ts";
import { learningPacer, type Pacer } from "./pacer.ts";

/** One finished attempt of a call, for `--verbose` and for counting. No parameters: they may hold what is secret. */
export interface CallRecord {
  action: string;
  /** Milliseconds. */
  took: number;
  /** "ok", or the error's code. */
  outcome: string;
}

interface CallOptions {
  /**
   * What to do when it is not known whether the call took effect. `repeat` (the default) is for reads and for actions that
   * may be done twice; `throw` for a create without a token, whose caller looks by tag for what was made.
   */
  uncertain?: "repeat" | "throw";
  /**
   * Errors that pass once AWS has caught up with an earlier call, e.g. `Gateway.NotAttached`; NotFound is always among
   * them with `fresh`, which says that the call names ids that were only just made.
   */
  fresh?: boolean;
  passing?: readonly string[];
}

/** A command of the EC2 client, e.g. `new CreateVpcCommand({...})`. */
export type Ec2Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Command<
  ServiceInputTypes,
  Input,
  ServiceOutputTypes,
  Output,
  EC2ClientResolvedConfig
>;

/** AWS as the steps use it: the clients, and the one way to send a command. */
export interface Aws {
  /** Sends to EC2, and resolves with the answer; retries as `CallOptions` says, paced for all callers together. */
  ec2<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    command: Ec2Command<Input, Output>,
    options?: CallOptions,
  ): Promise<Output>;
  /** The account that the credentials belong to: twelve digits. */
  account(): Promise<string>;
  /** The Region in force, from the flag, the environment or the profile; rejects where there is none. */
  region(): Promise<string>;
  /** Made when first asked for. */
  instanceConnect(): Promise<EC2InstanceConnectClient>;
  readonly calls: readonly CallRecord[];
  close(): void;
}

export interface AwsOptions {
  region: string | undefined;
  profile: string | undefined;
  endpoint: URL | undefined;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  clock: Clock;
  signal: AbortSignal;
  /** Told of each finished attempt. */
  onCall?(call: CallRecord): void;
  /** For tests: gives a number, 0 <= n < 1. */
  random?(): number;
}

/** How long a call is repeated before its last error is final, in milliseconds; `throttle`: while none of its kind comes through. */
const patience = { throttle: 120_000, uncertain: 100_000, passing: 120_000 };

/** Milliseconds before a call is made again, for the first time: a state of AWS's takes about a second to pass. */
const firstPause = { uncertain: 100, passing: 800 };

/** How fast most of AWS's buckets refill, in calls a second; where one differs, the pacer finds out. */
const usualRate = { reads: 20, changes: 5 };

/** How long a call may stay without an answer, in milliseconds; AWS takes a few seconds at most. */
const answerWithin = 40_000;

const silent = () => {};
/** Without `info`: where there is one, the SDK prepares a log entry for each call, which costs as much as parsing it. */
const quiet = { debug: silent, warn: silent, error: silent } as Partial<Logger> as Logger;

export function connectAws(options: AwsOptions): Aws {
  const { clock, signal } = options;
  const client = {
    region: options.region,
    profile: options.profile,
    endpoint: options.endpoint?.href,
    credentials: options.credentials,
    // Retries are `send`'s: only it knows which calls may be repeated.
    maxAttempts: 1,
    logger: quiet,
  };
  const ec2 = new EC2Client(client);
  const sts = new STSClient(client);
  let instanceConnect: EC2InstanceConnectClient | undefined;
  const calls: CallRecord[] = [];
  const pacers = new Map<string, Pacer>();
  const freshness = learningFreshness(clock);
  const random = options.random ?? Math.random;

  async function attempt<Output>(action: string, go: (abort: Abort) => Promise<Output>): Promise<Output> {
    const started = clock.now();
    const note = (outcome: string) => {
      const call = { action, took: clock.now() - started, outcome };
      calls.push(call);
      options.onCall?.(call);
    };
    const answered = new AbortController();
    const late = new AbortController();
    const giveUp = () => late.abort(new NoAnswer(`no answer within ${answerWithin / 1000} s`));
    clock.sleep(answerWithin, answered.signal).then(giveUp, () => {});
    // A read may be cut off; a change that is under way is let finish, so that what it made gets recorded.
    const abortSignal = isRead(action) ? AbortSignal.any([signal, late.signal]) : late.signal;
    try {
      const answer = await go({ abortSignal });
      note("ok");
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      const cause = late.signal.aborted ? late.signal.reason : error;
      note(codeOf(cause) || (cause instanceof Error ? cause.name : "error"));
      // For the message: which call it was.
      throw cause instanceof Error ? Object.assign(cause, { action }) : cause;
    } finally {
      answered.abort();
    }
  }

  async function send<Output>(
    action: string,
    input: unknown,
    go: (abort: Abort) => Promise<Output>,
    { uncertain, fresh, passing }: CallOptions,
  ): Promise<Output> {
    const pacer = pacerOf(action);
    const began = clock.now();
    let doubt = false;
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      const naming = await freshness.turn(fresh ? input : undefined, signal);
      const ticket = await pacer.turn(signal);
      try {
        const answer = await attempt(action, go);
        pacer.passed(ticket);
        naming.knew();
        if (!isRead(action)) freshness.born(answer);
        return answer;
      } catch (error) {
        const elapsed = clock.now() - began;
        const final = () => (doubt ? markDoubtful(error) : error);
        if (!isThrottle(error) && !isUncertain(error)) pacer.passed(ticket);
        if (fresh && isNotFoundYet(error)) {
          if (elapsed > patience.passing) throw final();
          await naming.missed(signal);
          continue;
        }
        naming.ended();
        if (isThrottle(error)) {
          if (pacer.throttled(ticket) > patience.throttle) throw final();
          // The pacer says when it is worth trying again.
          continue;
        }
        if (isUncertain(error)) {
          doubt = true;
          if (uncertain === "throw" || elapsed > patience.uncertain || tries >= 5) throw error;
        } else if (!passing?.includes(codeOf(error)) || elapsed > patience.passing) {
          throw final();
        }
        const first = isUncertain(error) ? firstPause.uncertain : firstPause.passing;
        await clock.sleep(Math.min(4000, first * 1.6 ** (tries - 1)) * (0.75 + random() / 2), signal);
      }
    }
  }

  /** AWS has a bucket for each action. */
  function pacerOf(action: string): Pacer {
    const known =
      pacers.get(action) ?? learningPacer(clock, isRead(action) ? usualRate.reads : usualRate.changes);
    pacers.set(action, known);
    return known;
  }

  return {
    ec2: (command, how = {}) =>
      send(actionOf(command), command.input, (abort) => ec2.send(command, abort), how),
    account: async () => {
      const whoami = (abort: Abort) => sts.send(new GetCallerIdentityCommand({}), abort);
      return (await send("GetCallerIdentity", {}, whoami, {})).Account ?? "";
    },
    region: () => ec2.config.region(),
    instanceConnect: async () => {
      const { connectInstanceConnect } = await import("./instance-connect.ts");
      instanceConnect ??= connectInstanceConnect(client);
      return instanceConnect;
    },
    calls,
    close: () => {
      for (const each of [ec2, sts, instanceConnect]) each?.destroy();
    },
  };
}

type Abort = { abortSignal: AbortSignal };

/** The action's name: the third member of the operation's schema, which a bundler does not rename. */
function actionOf(command: object): string {
  const { schema } = command as { schema?: readonly unknown[] };
  return String(schema?.[2] ?? command.constructor.name.replace(/Command$/, ""));
}

/** Whether an action only reads, by AWS's naming. */
export function isRead(action: string): boolean {
  return /^(Describe|Get)/.test(action);
}
