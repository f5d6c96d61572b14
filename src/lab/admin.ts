import type { IncomingMessage, ServerResponse } from "node:http";
import * as v from "valibot";
import { callerAddress } from "./connect-proxy.ts";
import { type Sight, SightError } from "./data-plane/sight.ts";
import { Ec2Error } from "./error.ts";
import { FaultList, type Faults } from "./faults.ts";
import { readBody, send } from "./http.ts";
import type { Log } from "./log.ts";

export interface AdminParts {
  faults: Faults;
  log: Log;
  /** What `/_lab/health` says. */
  health(): Record<string, unknown>;
  reset(): Promise<void>;
  /** Absent where packets are not real. */
  sight?: Sight;
  stop(): Promise<void>;
}

/** What is not AWS's: how the lab is asked after itself, and told what to do. Paths under `/_lab/`. */
export function createAdmin(parts: AdminParts) {
  const { faults, log } = parts;
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
    "GET /_lab/health": (_request, response) => json(response, parts.health()),
    "GET /_lab/caller-ip": (_request, response) => send(response, 200, "text/plain", `${callerAddress}\n`),
    "GET /_lab/log": (_request, response) => {
      const { dropped, entries: calls, transitions } = log;
      json(response, { dropped, calls, transitions });
    },
    "POST /_lab/faults": async (request, response) => {
      faults.set(faultsIn(await readBody(request)));
      json(response, {});
    },
    "POST /_lab/reset": async (_request, response) => {
      await parts.reset();
      json(response, {});
    },
    "POST /_lab/capture": (request, response) => seen(response, (sight) => capture(sight, request, response)),
    "POST /_lab/trace/start": (request, response) =>
      seen(response, async (sight) => {
        const { searchParams } = urlOf(request);
        const ends = [searchParams.get("from") ?? "", searchParams.get("to") ?? ""] as const;
        json(response, { trace: await sight.startTrace(...ends) });
      }),
    "POST /_lab/trace/stop": (request, response) =>
      seen(response, async (sight) => {
        const trace = urlOf(request).searchParams.get("trace") ?? "";
        json(response, { points: await sight.stopTrace(trace) });
      }),
    "POST /_lab/stop": (_request, response) => {
      response.on("finish", () => void parts.stop());
      json(response, {}, { connection: "close" });
    },
  };
  const seen = async (response: ServerResponse, look: (sight: Sight) => Promise<void>) => {
    try {
      if (!parts.sight) throw new SightError("packets are not real here: the lab runs on its model");
      await look(parts.sight);
    } catch (error) {
      if (!(error instanceof SightError)) throw error;
      send(response, 409, "text/plain", `${error.message}\n`);
    }
  };
  return async (path: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = routes[`${request.method} ${path}`];
    if (route) return void (await route(request, response));
    const isKnown = Object.keys(routes).some((each) => each.endsWith(` ${path}`));
    throw new Ec2Error(
      "InvalidRequest",
      isKnown ? "another method is wanted" : "no such path",
      isKnown ? 405 : 404,
    );
  };
}

/** Streams until the client goes away. */
async function capture(sight: Sight, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const leaving = new AbortController();
  response.once("close", () => leaving.abort());
  const { searchParams } = urlOf(request);
  const asked = [searchParams.get("instance") ?? "", searchParams.get("filter") ?? ""] as const;
  const lines = await sight.capture(...asked, leaving.signal);
  response.writeHead(200, { "content-type": "text/plain" });
  lines.pipe(response);
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? "/", "http://127.0.0.1");
}

function json(response: ServerResponse, value: unknown, headers?: Record<string, string>): void {
  send(response, 200, "application/json", `${JSON.stringify(value)}\n`, headers);
}

function faultsIn(body: string): v.InferOutput<typeof FaultList> {
  try {
    return v.parse(FaultList, JSON.parse(body));
  } catch (cause) {
    throw new Ec2Error("InvalidRequest", `not a list of faults: ${(cause as Error).message}`);
  }
}
