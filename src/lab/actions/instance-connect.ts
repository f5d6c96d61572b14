import { SendSSHPublicKey$, type SendSSHPublicKeyRequest } from "@aws-sdk/client-ec2-instance-connect";
import ssh2 from "ssh2";
import { type Actions, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { isShown } from "../transition.ts";
import type { PushedKey } from "../world.ts";

/** How long a pushed key opens the door. */
const validFor = 60_000;

/** One line of a public key that OpenSSH takes: RSA or Ed25519, as Instance Connect has it. */
function publicKeyLine(text: string): string {
  const line = text.trim();
  const key = /[\r\n]/.test(line) ? new Error("more than one line") : ssh2.utils.parseKey(line);
  const isKnown = !(key instanceof Error) && !key.isPrivateKey();
  if (isKnown && ["ssh-rsa", "ssh-ed25519"].includes(key.type)) return line;
  throw new Ec2Error("InvalidArgsException", "The specified SSH public key is not valid.");
}

/** https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html */
export const instanceConnectActions: Actions = {
  SendSSHPublicKey: changes(SendSSHPublicKey$, (input: SendSSHPublicKeyRequest, call) => {
    const { InstanceId = "", InstanceOSUser: user = "", SSHPublicKey = "" } = input;
    if (!/^i-[0-9a-f]{8}([0-9a-f]{9})?$/.test(InstanceId)) {
      throw new Ec2Error("InvalidArgsException", "The specified instance ID is not valid.");
    }
    if (!/^[A-Za-z_][A-Za-z0-9@._-]{0,30}[A-Za-z0-9$_-]?$/.test(user)) {
      throw new Ec2Error("InvalidArgsException", "The specified OS user is not valid.");
    }
    const key = publicKeyLine(SSHPublicKey);
    const record = call.tables.instances.get(InstanceId);
    if (!record || !isShown(call, InstanceId)) {
      throw new Ec2Error("EC2InstanceNotFoundException", "The specified instance was not found.", 404);
    }
    const { State, Placement, MetadataOptions } = record.instance;
    if (input.AvailabilityZone !== undefined && input.AvailabilityZone !== Placement?.AvailabilityZone) {
      throw new Ec2Error(
        "EC2InstanceNotFoundException",
        `The specified instance was not found in Availability Zone ${input.AvailabilityZone}.`,
        404,
      );
    }
    if (State?.Name !== "running") {
      throw new Ec2Error(
        "EC2InstanceStateInvalidException",
        "Unable to connect because the instance is not in a valid state. Connecting to a stopped or terminated instance is not supported. If the instance is stopped, start your instance, and try to connect again.",
      );
    }
    // The agent on the instance fetches the key from the metadata service: without that, it never arrives.
    if (MetadataOptions?.HttpEndpoint !== "disabled") {
      push(
        call.world.pushedKeys,
        InstanceId,
        { user, key, until: call.world.now + validFor },
        call.world.now,
      );
    }
    return { RequestId: call.requestId, Success: true };
  }),
};

function push(all: Map<string, PushedKey[]>, id: string, pushed: PushedKey, now: number): void {
  const valid = (all.get(id) ?? []).filter((each) => each.until > now);
  all.set(id, [...valid, pushed]);
}
