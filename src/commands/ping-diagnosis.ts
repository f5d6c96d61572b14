import type { Instance } from "@aws-sdk/client-ec2";
import { readVpcs } from "../aws/snapshot.ts";
import { awsWords, peerctlWords } from "../config/command-words.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import { findEnd } from "./ends.ts";
import { type Scene, sceneOf } from "./scene.ts";

/** What AWS's own tables say of a pair whose ping is to be proven. */
export interface PingDiagnosis {
  /** From the caller to port 22 of the first instance. */
  ssh: Diagnosis;
  /** From the first instance to the second. */
  ping: Diagnosis;
  /** A ping that the second one would begin: not needed, but good to know. */
  reverse: Diagnosis;
}

/** The stack's VPCs as they are on AWS now. */
export async function sceneOfStack(ctx: Context): Promise<Scene> {
  const { account, region } = ctx.store.state;
  const vpcs = (await ctx.live.rows("vpc")).map(({ VpcId }) => VpcId!);
  return sceneOf(await readVpcs(ctx.aws, { account, region }, vpcs), {
    stack: ctx.store.state,
    peerctl: peerctlWords(ctx.config),
    awsFlags: awsWords(ctx.config, region),
    me: () => callerOf(ctx),
  });
}

export async function diagnosePing(
  { config }: Context,
  scene: Scene,
  ends: { from: Instance; to: Instance },
): Promise<PingDiagnosis> {
  const [me, from, to] = await Promise.all([
    findEnd(scene, "me", true),
    findEnd(scene, ends.from.InstanceId!, true),
    findEnd(scene, ends.to.InstanceId!, false),
  ]).catch((cause: unknown) => {
    if (!(cause instanceof UserError) || !/network interface/.test(cause.message)) throw cause;
    throw new UserError(cause.message, `run: ${peerctlWords(config)} launch`, { cause });
  });
  return {
    ssh: diagnose(scene, me, from, { protocol: "tcp", port: 22 }),
    ping: diagnose(scene, from, to, { protocol: "icmp" }),
    reverse: diagnose(scene, to, from, { protocol: "icmp" }),
  };
}

/** Where the caller is not to be found out, it is taken to be among those that may connect. */
async function callerOf(ctx: Context): Promise<string> {
  try {
    return await ctx.callerAddress();
  } catch (error) {
    if (!(error instanceof UserError) || !ctx.config.sshFrom) throw error;
    return ctx.config.sshFrom.split("/")[0]!;
  }
}
