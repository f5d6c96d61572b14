import { connect, type Socket } from "node:net";
import { dialThroughProxy } from "./dial-proxy.ts";
import { hostPort, SshError } from "./error.ts";
import { handedOver } from "./handed-over.ts";

export interface DialOptions {
  host: string;
  port: number;
  /** An HTTP proxy that takes CONNECT: `http://[user:password@]host[:port]`. Without it, TCP directly. */
  proxy?: URL;
  signal: AbortSignal;
  /** Until the connection stands, the proxy's answer included. */
  timeoutMs: number;
}

/**
 * A TCP connection to `host:port`; if it breaks before it is used, it is `destroyed`. Throws SshError (`silent`, `refused`,
 * `unreachable`, `proxy`), or the signal's reason as soon as it aborts.
 */
export async function dial(options: DialOptions): Promise<Socket> {
  return options.proxy ? dialThroughProxy({ ...options, proxy: options.proxy }) : dialDirectly(options);
}

function dialDirectly({ host, port, signal, timeoutMs }: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = connect({ host, port });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    const timer = setTimeout(() => fail(noAnswer(hostPort(host, port), timeoutMs)), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", (error) => fail(fromSocketError(hostPort(host, port), error)));
    socket.once("connect", () => {
      settle();
      resolve(handedOver(socket));
    });
  });
}

/** Nothing came back. EC2 drops what its rules do not allow, so this is what a closed group looks like. */
function noAnswer(target: string, timeoutMs: number): SshError {
  return new SshError(
    "silent",
    `${target} did not answer within ${timeoutMs / 1000} s`,
    "check its public address, the route to an internet gateway, and the rule for this port from your address",
  );
}

/** A connect error of Node's as one of the kinds. https://nodejs.org/api/errors.html#common-system-errors */
function fromSocketError(target: string, error: NodeJS.ErrnoException): SshError {
  switch (error.code) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return new SshError(
        "refused",
        `${target} refuses the connection`,
        "sshd may still be starting: try again",
        {
          cause: error,
        },
      );
    case "ETIMEDOUT":
      return new SshError("silent", `${target} did not answer`, undefined, { cause: error });
    default:
      return new SshError(
        "unreachable",
        `${target} cannot be reached from here: ${error.message || error.code}`,
        "check this machine's network and name resolution",
        { cause: error },
      );
  }
}
