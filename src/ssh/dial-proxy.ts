import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { UserError } from "../errors.ts";
import type { DialOptions } from "./dial.ts";
import { hostPort, SshError } from "./error.ts";
import { handedOver } from "./handed-over.ts";

/**
 * A connection to `host:port` that an HTTP proxy makes for us. https://www.rfc-editor.org/rfc/rfc9110#name-connect
 * The proxy's own silence after it took the request means what silence means without one: the far end does not answer.
 */
export function dialThroughProxy({
  host,
  port,
  proxy,
  signal,
  timeoutMs,
}: DialOptions & { proxy: URL }): Promise<Socket> {
  if (proxy.protocol !== "http:") {
    throw new UserError(`the proxy ${proxy.host} is not an http:// one`, "give it as http://host:port");
  }
  const target = hostPort(host, port);
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let proxyAnswers = false;
    const asking = request({
      method: "CONNECT",
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || 80,
      path: target,
      headers: { host: target, ...authorization(proxy) },
      agent: false,
    });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      settle();
      asking.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    const timer = setTimeout(
      () => fail(proxyAnswers ? targetSilent(target, proxy, timeoutMs) : proxyGone(proxy, "no answer")),
      timeoutMs,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    asking.on("socket", (socket) => socket.once("connect", () => (proxyAnswers = true)));
    asking.on("error", (error) => fail(proxyGone(proxy, error.message, error)));
    asking.on("response", (response) => fail(refusal(target, proxy, response)));
    asking.on("connect", (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return fail(refusal(target, proxy, response));
      }
      settle();
      // A server that speaks first (SSH does) may have its banner in the packet that brought the proxy's answer.
      if (head.length > 0) socket.unshift(head);
      resolve(handedOver(socket as Socket));
    });
    asking.end();
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  if (!username) return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function targetSilent(target: string, proxy: URL, timeoutMs: number): SshError {
  return new SshError(
    "silent",
    `${target} did not answer within ${timeoutMs / 1000} s (through the proxy ${proxy.host})`,
    "check its public address, the route to an internet gateway, and the rule for this port from the proxy's address",
  );
}

function proxyGone(proxy: URL, why: string, cause?: Error): SshError {
  return new SshError(
    "proxy",
    `the proxy ${proxy.host} cannot be used: ${why}`,
    "check its address, and that it runs",
    {
      cause,
    },
  );
}

/** 502 and 503 are a proxy's words for "the far end refused", 504 for "it did not answer"; the rest is its own no. */
function refusal(target: string, proxy: URL, { statusCode, statusMessage }: IncomingMessage): SshError {
  const answer = `${statusCode} ${statusMessage ?? ""}`.trim();
  if (statusCode === 504)
    return new SshError("silent", `${target} did not answer (the proxy ${proxy.host}: ${answer})`);
  if (statusCode === 502 || statusCode === 503) {
    return new SshError(
      "refused",
      `${target} refuses the connection (the proxy ${proxy.host}: ${answer})`,
      "sshd may still be starting: try again",
    );
  }
  return new SshError(
    "proxy",
    `the proxy ${proxy.host} does not connect to ${target}: ${answer}`,
    statusCode === 407 ? "put its user and password into the proxy's URL" : "ask whoever runs the proxy",
  );
}
