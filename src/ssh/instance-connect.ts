import {
  type EC2InstanceConnectClient,
  EC2InstanceConnectServiceException,
  SendSSHPublicKeyCommand,
} from "@aws-sdk/client-ec2-instance-connect";
import { UserError } from "../errors.ts";
import { SshError } from "./error.ts";

interface PushKey {
  instanceId: string;
  /** The OS user that may log in with it, `ec2-user` on Amazon Linux. */
  username: string;
  publicKey: string;
  signal?: AbortSignal;
}

/**
 * Lets `publicKey` in for 60 s. Throws SshError `not-ready` where it is worth trying again (the SDK has already retried
 * throttling), UserError where a permission is missing, and the SDK's error for the rest.
 * https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html
 */
export async function pushKey(
  client: EC2InstanceConnectClient,
  { instanceId, username, publicKey, signal }: PushKey,
): Promise<void> {
  const input = { InstanceId: instanceId, InstanceOSUser: username, SSHPublicKey: publicKey };
  const reply = await client
    .send(new SendSSHPublicKeyCommand(input), { abortSignal: signal })
    .catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : explained(error, instanceId);
    });
  if (!reply.Success) {
    throw new SshError(
      "not-ready",
      `EC2 Instance Connect did not take the key for ${instanceId}`,
      "try again",
    );
  }
}

function explained(error: unknown, instanceId: string): unknown {
  if (!(error instanceof EC2InstanceConnectServiceException)) return error;
  const options = { cause: error };
  switch (error.name) {
    case "EC2InstanceStateInvalidException":
      return new SshError(
        "not-ready",
        `${instanceId} is not running`,
        `if it was stopped, start it: aws ec2 start-instances --instance-ids ${instanceId}`,
        options,
      );
    case "EC2InstanceUnavailableException":
    case "ThrottlingException":
      return new SshError(
        "not-ready",
        `${instanceId} takes no key now: ${error.message}`,
        "try again in a minute",
        options,
      );
    case "EC2InstanceNotFoundException":
      return new SshError(
        "not-ready",
        `EC2 Instance Connect does not know ${instanceId} in this Region`,
        "if it is gone, make it again: peerctl launch",
        options,
      );
    case "AuthException":
    case "AccessDeniedException":
      return new UserError(
        `these credentials may not push an SSH key to ${instanceId}: ${error.message}`,
        "allow ec2-instance-connect:SendSSHPublicKey on the instance in the IAM policy",
        options,
      );
    default:
      return error;
  }
}
