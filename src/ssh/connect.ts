import type { Duplex } from "node:stream";
import type { VerifyHostKey } from "./host-keys.ts";
import { freshKey } from "./key.ts";
import { openSession, type Session } from "./session.ts";

interface ConnectOptions {
  dial: () => Promise<Duplex>;
  /** Makes sshd accept this public key, for long enough to log in. */
  pushKey: (publicKey: string) => Promise<void>;
  username: string;
  verifyHostKey: VerifyHostKey;
  signal: AbortSignal;
  readyTimeoutMs: number;
}

/**
 * One try at an EC2 Instance Connect session with a key of its own. It dials before it pushes the key, so that nothing is
 * asked of EC2 while port 22 is closed, and none of the key's 60 s go by while it opens.
 */
export async function connect({ dial, pushKey, ...options }: ConnectOptions): Promise<Session> {
  const socket = await dial();
  const { privateKey, publicKey } = freshKey();
  try {
    await pushKey(publicKey);
    return await openSession({ ...options, dial: async () => socket, privateKey });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
