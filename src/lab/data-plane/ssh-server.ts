import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type PublicKeyAuthContext, type Session } from "ssh2";
import type { Clock } from "../../clock.ts";

/** sshd's defaults. https://man.openbsd.org/sshd_config */
const loginGraceTime = 120_000;
const maxAuthTries = 6;
const maxSessions = 10;

/** What the SSH server of one instance needs to know. */
export interface SshHost {
  /** OpenSSH private key text. */
  hostKey: string;
  clock: Clock;
  authorizes(attempt: PublicKeyAuthContext): boolean;
  /** A session that was let in, as this user. */
  serve(session: Session, user: string): void;
}

/**
 * Speaks SSH on a connected stream: public keys only, sessions only (no forwarding of any kind). Whatever the client
 * sends, nothing is thrown: a broken connection closes itself. The result ends the connection, as sshd does on shutdown.
 */
export function serveSsh(socket: Duplex, host: SshHost): () => void {
  const server = new ssh2.Server({ hostKeys: [host.hostKey], ident: "peerctl_lab" });
  const login = new AbortController();
  let end = () => {
    socket.end();
  };

  server.on("connection", (client) => {
    let user = "";
    let failures = 0;
    let sessions = 0;
    // Malformed packets, resets, timeouts: the client's own failure, and the end of its connection.
    client.on("error", () => socket.destroy());
    client.on("authentication", (attempt) => {
      user = attempt.username;
      if (attempt.method === "publickey" && host.authorizes(attempt)) return attempt.accept();
      if (attempt.method !== "none") failures += 1;
      if (failures < maxAuthTries) attempt.reject(["publickey"]);
      else client.end();
    });
    client.on("ready", () => login.abort());
    client.on("session", (accept, reject) => {
      if (sessions >= maxSessions) {
        reject();
        return;
      }
      sessions += 1;
      const session = accept();
      session.on("close", () => {
        sessions -= 1;
      });
      host.serve(session, user);
    });
    end = () => {
      client.end();
    };
  });

  // Sockets of an HTTP server stay half open after the client's FIN; sshd's do not.
  socket.once("end", () => socket.end());
  socket.once("close", () => login.abort());
  host.clock.sleep(loginGraceTime, login.signal).then(
    () => socket.destroy(),
    () => undefined,
  );
  server.injectSocket(socket as Socket);
  return () => end();
}
