import { GetConsoleOutputCommand, type Instance } from "@aws-sdk/client-ec2";
import { codeOf } from "../aws/codes.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import { connect } from "../ssh/connect.ts";
import { consoleFingerprints } from "../ssh/console-keys.ts";
import { dial } from "../ssh/dial.ts";
import { hostKeyVerifier, type VerifyHostKey } from "../ssh/host-keys.ts";
import { pushKey } from "../ssh/instance-connect.ts";
import type { Session } from "../ssh/session.ts";
import { waitForSsh } from "../ssh/wait.ts";
import { key } from "../steps/keys.ts";

/** Amazon Linux's user; EC2 Instance Connect is part of the image. */
const username = "ec2-user";

/** The VPC's instance as it is on AWS now. Throws UserError where there is none. */
export async function instanceOf(ctx: Context, vpc: string): Promise<Instance> {
  const record = ctx.store.get(key.instance(vpc));
  const row = await ctx.live.find("instance", key.instance(vpc), record?.id);
  if (row) return row;
  throw new UserError(`there is no instance in ${vpc}`, "run: peerctl launch");
}

/**
 * An SSH session on the instance, as soon as it takes one: each try with a key of its own, pushed by EC2 Instance Connect,
 * and a host key that the console vouches for. Shows what it is waiting for.
 * @param timeoutMs how long to try: a boot takes up to a minute
 */
export async function sessionOn(ctx: Context, row: Instance, timeoutMs: number): Promise<Session> {
  const { clock, signal, ui } = ctx;
  const id = row.InstanceId!;
  const host = row.PublicIpAddress;
  if (!host) throw new UserError(`the instance ${id} has no public address`, "run: peerctl eip");
  ui.busy(`waiting for SSH on ${host} (${id})`);
  try {
    return await waitForSsh({
      clock,
      signal,
      timeoutMs,
      onProgress: ({ elapsedMs, error }) =>
        ui.busy(`waiting for SSH on ${host} (${id}), ${Math.round(elapsedMs / 1000)} s: ${error.message}`),
      attempt: (left) => {
        const timeoutMs = Math.min(left.timeoutMs, 10_000);
        return connect({
          dial: () => dial({ host, port: 22, proxy: ctx.sshProxy, signal, timeoutMs }),
          pushKey: async (publicKey) =>
            pushKey(await ctx.aws.instanceConnect(), { instanceId: id, username, publicKey, signal }),
          username,
          verifyHostKey: async (key) => verifier(ctx, id, await fingerprintsOf(ctx, id))(key),
          signal,
          readyTimeoutMs: timeoutMs,
        });
      },
    });
  } finally {
    ui.idle();
  }
}

function verifier(ctx: Context, host: string, pinned: readonly string[]): VerifyHostKey {
  const { store, ui } = ctx;
  return hostKeyVerifier({
    host,
    pinned,
    recorded: store.state.hostKeys[host],
    onFirstUse: async (fingerprint, vouchedBy) => {
      const trust = vouchedBy === "console" ? "as its console says" : "trusted on first use";
      ui.say(ui.paint.dim(`host key ${fingerprint} of ${host}, ${trust}`));
      await store.pinHostKey(host, fingerprint);
    },
  });
}

/** Empty where the console does not show them: the boot has not come that far, or the endpoint has no console. */
async function fingerprintsOf({ aws }: Context, InstanceId: string): Promise<string[]> {
  try {
    const { Output } = await aws.ec2(new GetConsoleOutputCommand({ InstanceId, Latest: true }));
    return consoleFingerprints(Output);
  } catch (error) {
    // Only Nitro has the latest output; others show what was captured after the boot.
    if (codeOf(error) !== "UnsupportedOperation") throw error;
    const { Output } = await aws.ec2(new GetConsoleOutputCommand({ InstanceId }));
    return consoleFingerprints(Output);
  }
}
