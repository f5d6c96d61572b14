import ssh2, { type PublicKeyAuthContext } from "ssh2";
import type { InstanceRecord, PushedKey } from "../world.ts";

/** The users of Amazon Linux that may log in. */
const osUsers: ReadonlySet<string> = new Set(["ec2-user"]);

/**
 * Whether a public key opens the instance to this user: it was pushed by SendSSHPublicKey for the same OS user, its 60 s
 * are not over, and, where the client has signed, it signed with that key. A client may ask first without a signature; the
 * answer then only means "go on and sign". sshd reads the pushed keys from the instance metadata, so where that is off, no
 * key opens.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-connect-methods.html
 */
export function authorizes(
  attempt: Pick<PublicKeyAuthContext, "username" | "key" | "signature" | "blob" | "hashAlgo">,
  { instance }: InstanceRecord,
  pushed: readonly PushedKey[],
  now: number,
): boolean {
  if (!osUsers.has(attempt.username)) return false;
  if (instance.MetadataOptions?.HttpEndpoint === "disabled") return false;
  return pushed
    .filter(({ user, until }) => user === attempt.username && now < until)
    .some(({ key }) => {
      const parsed = ssh2.utils.parseKey(key);
      if (parsed instanceof Error || !parsed.getPublicSSH().equals(attempt.key.data)) return false;
      if (!attempt.signature || !attempt.blob) return true;
      return parsed.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
    });
}
