import { UserError } from "../errors.ts";

/**
 * Why SSH did not come about, or ended:
 * - `silent`: nothing answers. On AWS that is a missing public address, a closed group or a missing route.
 * - `refused`: something answers, but not SSH (yet): the port is closed, or the handshake broke off.
 * - `unreachable`: this machine has no way there (no such name, no route).
 * - `proxy`: the proxy is not there, or will not connect.
 * - `not-ready`: EC2 does not take a key for the instance (yet).
 * - `auth`: sshd does not take the key.
 * - `host-key`: the host shows another key than the one it must have.
 * - `lost`: the connection ended under a command.
 */
export type SshFailure =
  | "silent"
  | "refused"
  | "unreachable"
  | "proxy"
  | "not-ready"
  | "auth"
  | "host-key"
  | "lost";

/** What dialling, Instance Connect and a session throw where the cause is outside this process. */
export class SshError extends UserError {
  override name = "SshError";
  constructor(
    readonly kind: SshFailure,
    message: string,
    remedy?: string,
    options?: ErrorOptions,
  ) {
    super(message, remedy, options);
  }
}

/** `10.1.0.4:22`, `[2001:db8::1]:22`: host and port as messages and CONNECT write them. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
