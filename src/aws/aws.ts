import {
  EC2Client,
  type EC2ClientConfig,
  type EC2ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-ec2";
import type { EC2InstanceConnectClient } from "@aws-sdk/client-ec2-instance-connect";
import type { Command, Logger } from "@smithy/types";
import type { Clock } from "../clock.ts";
import { type Abort, attempting, type CallRecord } from "./attempt.ts";
import { sender } from "./send.ts";
import type { Sts } from "./sts.ts";
import type { CallOptions } from "./trouble.ts";

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
  credentials?: EC2ClientConfig["credentials"];
  clock: Clock;
  signal: AbortSignal;
  /** Told of each finished attempt. */
  onCall?(call: CallRecord): void;
  /** For tests: gives a number, 0 <= n < 1. */
  random?(): number;
}

const silent = () => {};
/** Without `info`: where there is one, the SDK prepares a log entry for each call, which costs as much as parsing it. */
const quiet = { debug: silent, warn: silent, error: silent } as Partial<Logger> as Logger;

export function connectAws(options: AwsOptions): Aws {
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
  let sts: Sts | undefined;
  let instanceConnect: EC2InstanceConnectClient | undefined;
  const calls: CallRecord[] = [];
  const onCall = (call: CallRecord) => {
    calls.push(call);
    options.onCall?.(call);
  };
  const send = sender({ ...options, attempt: attempting({ ...options, onCall }) });

  return {
    ec2: (command, how = {}) => {
      const action = actionOf(command);
      const go = (abort: Abort) => ec2.send(command, abort);
      return send({ action, isRead: isRead(action), input: command.input, go }, how);
    },
    account: async () => {
      const { connectSts } = await import("./sts.ts");
      sts ??= connectSts(client);
      return send({ action: "GetCallerIdentity", isRead: true, input: {}, go: sts.account }, {});
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

/** The action's name: the third member of the operation's schema, which a bundler does not rename. */
function actionOf(command: object): string {
  const { schema } = command as { schema?: readonly unknown[] };
  return String(schema?.[2] ?? command.constructor.name.replace(/Command$/, ""));
}

/** Whether an action only reads, by AWS's naming. */
export function isRead(action: string): boolean {
  return /^(Describe|Get)/.test(action);
}
