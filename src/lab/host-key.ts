import { createHash } from "node:crypto";
import ssh2 from "ssh2";
import type { InstanceRecord } from "./world.ts";

/** The instance's SSH host key, OpenSSH private key text (ed25519). Made on first use, as at first boot, and kept. */
export function hostKeyOf(record: InstanceRecord): string {
  record.hostKey ??= soundKey();
  return record.hostKey;
}

/**
 * ssh2 (1.17) writes an ed25519 key wrongly where its public half begins with a zero byte, one in 256, and cannot read it
 * again: then another is made.
 */
function soundKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

/** The public half of a private key as one line of OpenSSH text, `ssh-ed25519 AAAA...`, without a comment. */
export function publicKeyOf(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString("base64")}`;
}

/** `SHA256:...` of an OpenSSH public key line, as `ssh-keygen -l` prints it. */
export function fingerprint(publicKey: string): string {
  const blob = Buffer.from(publicKey.trim().split(/\s+/)[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
