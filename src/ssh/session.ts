import type { Duplex } from "node:stream";
import ssh2, { type Client } from "ssh2";
import { SshError } from "./error.ts";
import type { VerifyHostKey } from "./host-keys.ts";
import { type RunOptions, type RunResult, runCommand } from "./run.ts";
import { runShell, type ShellOptions } from "./shell.ts";

/** An SSH connection that is authenticated. All of it ends when the signal it was opened with aborts. */
export interface Session {
  /** Runs a command without a terminal. Throws SshError `lost` where no exit status came. */
  run(command: string, options?: RunOptions): Promise<RunResult>;
  /** An interactive shell on a terminal; resolves with its exit code. Throws as `run` does. */
  shell(options: ShellOptions): Promise<number>;
  /** Ends the connection; what still runs on it ends with `lost`. */
  close(): void;
}

interface SessionOptions {
  dial: () => Promise<Duplex>;
  username: string;
  privateKey: string;
  verifyHostKey: VerifyHostKey;
  signal: AbortSignal;
  /** From the connection to the end of authentication. */
  readyTimeoutMs: number;
}

/** A path that has died is found after three unanswered keepalives; they also keep NAT entries and firewalls open. */
const keepaliveMs = 10_000;

/**
 * Dials and shakes hands. Throws what `dial` throws, what `verifyHostKey` throws, SshError `auth` or `refused`, or the
 * signal's reason as soon as it aborts.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { signal } = options;
  signal.throwIfAborted();
  const socket = await options.dial();
  // ssh2 would wait in vain for a socket whose end is already past.
  if (socket.destroyed) throw notYet("the connection was closed before the SSH handshake began");
  const client = new ssh2.Client();
  let closed = false;
  let lastError: Error | undefined;
  client.on("error", (error) => {
    lastError = error;
  });
  client.on("close", () => {
    closed = true;
    signal.removeEventListener("abort", onAbort);
  });
  const onAbort = () => socket.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await handshake(client, socket, options);
  } catch (error) {
    socket.destroy();
    signal.removeEventListener("abort", onAbort);
    throw signal.aborted ? signal.reason : error;
  }
  const failure = (what: string, error?: Error): unknown => {
    if (signal.aborted) return signal.reason;
    const cause = lastError ?? error;
    const message = closed
      ? `the SSH connection was lost: ${what}${lastError ? ` (${lastError.message})` : ""}`
      : `the SSH server did not do its part: ${what}${error ? ` (${error.message})` : ""}`;
    return new SshError("lost", message, "run the command again", { cause });
  };
  return {
    run: (command, runOptions = {}) => runCommand(client, command, runOptions, failure),
    shell: (shellOptions) => runShell(client, shellOptions, failure),
    close: () => {
      // The goodbye is sent, and then the socket is gone, whether the other side answers or not.
      socket.once("finish", () => socket.destroy());
      client.end();
    },
  };
}

function handshake(
  client: Client,
  socket: Duplex,
  { username, privateKey, verifyHostKey, readyTimeoutMs }: SessionOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let refusal: unknown;
    client.once("ready", resolve);
    client.on("error", (error) => reject(refusal ?? fromHandshakeError(error, username)));
    client.once("close", () =>
      reject(refusal ?? notYet("the connection was closed before the SSH handshake was over")),
    );
    client.connect({
      sock: socket,
      username,
      privateKey,
      authHandler: ["publickey"],
      readyTimeout: readyTimeoutMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: 3,
      hostVerifier: (key: Buffer, verify: (accepted: boolean) => void) => {
        Promise.resolve()
          .then(() => verifyHostKey(key))
          .then(
            () => verify(true),
            (error: unknown) => {
              refusal = error;
              verify(false);
            },
          );
      },
    });
  });
}

/** ssh2 tells its errors apart by `level`. https://github.com/mscdex/ssh2#client-events */
function fromHandshakeError(error: Error & { level?: string }, username: string): SshError {
  if (error.level === "client-authentication") {
    return new SshError(
      "auth",
      `sshd does not accept the key that was pushed for ${username}`,
      "check that the image has EC2 Instance Connect, that the instance metadata service is on, and the OS user's name",
      { cause: error },
    );
  }
  return notYet(`the SSH handshake failed: ${error.message}`, error);
}

function notYet(message: string, cause?: Error): SshError {
  return new SshError("refused", message, "sshd may still be starting: try again", { cause });
}
