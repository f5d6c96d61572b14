import ssh2 from "ssh2";

/** A key for one connection. It lives in memory only: Instance Connect forgets the public half after 60 s. */
export interface Key {
  /** OpenSSH private key text. */
  privateKey: string;
  /** One line, `ssh-ed25519 AAAA... peerctl`, as SendSSHPublicKey takes it. */
  publicKey: string;
}

export function freshKey(): Key {
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync("ed25519", {
    comment: "peerctl",
  });
  return { privateKey, publicKey };
}
