import { createHash } from "node:crypto";
import { SshError } from "./error.ts";

/** OpenSSH's fingerprint of a host key in wire format: `SHA256:` and 43 digits of unpadded base64. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/**
 * Throws (SshError `host-key`) where a host must not be trusted. Waits for whatever writes the key down, so that a
 * connection only goes on once the key is recorded.
 */
export type VerifyHostKey = (key: Buffer) => void | Promise<void>;

interface Trust {
  /** The instance's id, or what else the person knows it by. */
  host: string;
  /** The fingerprints that the instance's console shows; empty where it shows none (yet). */
  pinned: readonly string[];
  /** The fingerprint that was accepted before. */
  recorded?: string;
  /**
   * Called with an accepted key that is not the recorded one: `console` vouches for it, or it is trusted on first use.
   * Whatever this returns is awaited.
   */
  onFirstUse(fingerprint: string, vouchedBy: "console" | "first-use"): void | Promise<void>;
}

/**
 * The console is asked first, because only the instance and EC2 write there; then what was recorded; and only a host that
 * neither knows is trusted on first use.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connection-prereqs-general.html#connection-prereqs-fingerprint
 */
export function hostKeyVerifier({ host, pinned, recorded, onFirstUse }: Trust): VerifyHostKey {
  return async (key) => {
    const shown = fingerprint(key);
    if (pinned.length > 0) {
      if (!pinned.includes(shown)) {
        throw new SshError(
          "host-key",
          `${host} shows the host key ${shown}, but its console output says ${pinned.join(" or ")}`,
          "do not connect: something may answer in its place. If you made new host keys on it, replace the instance: peerctl teardown launch, then peerctl launch",
        );
      }
      if (shown !== recorded) await onFirstUse(shown, "console");
      return;
    }
    if (recorded === undefined) return onFirstUse(shown, "first-use");
    if (shown !== recorded) {
      throw new SshError(
        "host-key",
        `${host} shows the host key ${shown}, but it was ${recorded} before`,
        `do not connect: something may answer in its place. If you know that the key changed, remove ${host} from "hostKeys" in the state file`,
      );
    }
  };
}
