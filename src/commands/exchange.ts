import { request as requestHttp } from "node:http";

/**
 * One HTTP request and its whole answer, as text. Rejects with what the connection failed with (it has a `code`), or with
 * the signal's reason. The SDK has loaded these modules anyway; the first `fetch` of a process takes Node longer than all
 * else that a short command does.
 */
export async function exchange(
  url: URL,
  options: { method?: "GET" | "POST"; signal?: AbortSignal } = {},
): Promise<{ ok: boolean; text: string }> {
  const { method = "GET", signal } = options;
  const send = url.protocol === "https:" ? (await import("node:https")).request : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(signal?.aborted ? signal.reason : error);
    const request = send(url, { method, signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ ok: response.statusCode === 200, text }));
      response.on("error", fail);
    });
    request.on("error", fail);
    request.end();
  });
}
