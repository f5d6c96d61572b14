import ssh2 from "ssh2";

/** A key for one connection. It lives in memory only: Instance Connect forgets the public half after 60 s. */
export interface Key {
  /** OpenSSH private key text. */
  privateKey: string;
  /** One line, `ssh-ed25519 AAAA... peerctl`, as SendSSHPublicKey takes it. */
  publicKey: string;
}

/**
 * ssh2 (1.17) writes an ed25519 key wrongly where its public half begins with a zero byte, one in 256, and cannot read it
 * again: then another is made.
 */
export function freshKey(): Key {
  for (;;) {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync("ed25519", {
      comment: "peerctl",
    });
    if (!(ssh2.utils.parseKey(privateKey) instanceof Error)) return { privateKey, publicKey };
  }
}
