import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createAdmin } from "./admin.ts";
import { createBuckets } from "./buckets.ts";
import { createEndpoint } from "./endpoint.ts";
import { Ec2Error } from "./error.ts";
import { createFaults, type Fault } from "./faults.ts";
import { type HomeOptions, openHome } from "./home.ts";
import { cutOff, deliver, locate, readBody, refusal, refuseHttp, send, targetOf } from "./http.ts";
import { createLog, type Log } from "./log.ts";
import { openPort } from "./port.ts";
import type { World } from "./world.ts";

export interface LabOptions extends HomeOptions {
  /** 0 or absent: any free port. */
  port?: number;
  faults?: readonly Fault[];
  /** Told of each fault when its call has come in, and before anything comes of it. */
  onFault?(fault: Fault): void;
  /** The program's version, for `/_lab/health`. */
  version?: string;
  patience?: Patience;
}

/** How long a client may take, in milliseconds; then it is cut off. */
interface Patience {
  /** To send a request's headers, CONNECT's too. */
  headers: number;
  /** To send all of it. */
  request: number;
}

const usualPatience: Patience = { headers: 10_000, request: 30_000 };

export interface Lab {
  /** `http://127.0.0.1:PORT`, for `--endpoint-url` and as an HTTP proxy. */
  readonly url: string;
  readonly port: number;
  /** The tables as they are; `/_lab/reset` puts another world in their place. */
  readonly world: World;
  readonly log: Log;
  /** Closes every connection; all is in the file when it resolves. */
  stop(): Promise<void>;
  /** Resolves when the lab has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}

/**
 * Starts an EC2 of one's own on 127.0.0.1. Rejects where the port is taken, or the file in `dir` cannot be used.
 * Differences from AWS: signatures are not checked, as nobody here knows a secret; every account and Region exists.
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { clock, profile, dataPlane } = options;
  const log = createLog();
  const home = await openHome({
    ...options,
    onTransition: ({ at, kind, id, to }) => log.addTransition({ at, kind, id, to }),
  });
  /** Calls that a fault keeps without an answer. */
  const hung = new Set<ServerResponse>();
  const cutHung = () => {
    for (const response of hung) response.destroy();
  };
  const faults = createFaults(options.faults, cutHung, options.onFault);
  const buckets = createBuckets();
  const answer = createEndpoint({ home, faults, buckets, log, clock, seed: options.seed });
  const since = clock.now();
  const admin = createAdmin({
    faults,
    log,
    health: () => ({
      version: options.version,
      pid: process.pid,
      profile: profile.name,
      seed: options.seed,
      /** Milliseconds for which a new resource is not shown. */
      describeLagMs: profile.describeLag,
      dataPlane: dataPlane?.name,
      dataPlaneWhy: dataPlane?.why?.(),
      /** Milliseconds. */
      uptime: clock.now() - since,
    }),
    get sight() {
      return dataPlane?.sight;
    },
    reset: async () => {
      log.clear();
      faults.set([]);
      buckets.clear();
      await home.reset();
    },
    stop: () => stop(),
  });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const why = refusal(request);
    if (why !== undefined) return send(response, 403, "text/plain", `${why}\n`);
    const { pathname, searchParams } = locate(request.url ?? "/");
    if (pathname.startsWith("/_lab/")) return admin(pathname, request, response);
    if (pathname !== "/") throw new Ec2Error("InvalidRequest", "no such path", 404);
    const { method = "", headers } = request;
    const body = await readBody(request);
    const outcome = await answer({ method, headers, query: searchParams, body });
    if (outcome === "hang") {
      hung.add(response);
      response.once("close", () => hung.delete(response));
    } else if (typeof outcome === "object" && "refuseMs" in outcome) await port.refuse(outcome.refuseMs);
    else deliver(response, outcome);
  };

  const patience = options.patience ?? usualPatience;
  const limits = {
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    // Idle connections stay open for longer than the SDK keeps its own.
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: Math.min(1000, patience.headers / 2),
  };
  const server = createServer(limits, (request, response) => {
    handle(request, response).catch((error) => refuseHttp(request, response, error));
  });
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const target = targetOf(request.url ?? "");
    if (!target) return cutOff(socket, "400 Bad Request");
    if (!dataPlane) return cutOff(socket, "501 Not Implemented");
    if (home.settle()) home.changed().catch((error) => process.emitWarning(error as Error));
    tunnels.add(socket);
    socket.on("close", () => tunnels.delete(socket));
    dataPlane.connect(home.world, target, socket, head);
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable) cutOff(socket, "400 Bad Request");
    else socket.destroy();
  });
  /** Sockets that the HTTP server has handed over and does not close any more. */
  const tunnels = new Set<Duplex>();
  const port = await openPort(server, options.port ?? 0, clock).catch(async (error) => {
    await home.close();
    throw error;
  });

  let end: Promise<void> | undefined;
  let tell: () => void;
  const stopped = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const stop = (): Promise<void> => {
    end ??= (async () => {
      const closed = port.close();
      await dataPlane?.close();
      for (const socket of tunnels) socket.destroy();
      await closed;
      await home.close();
    })().finally(tell);
    return end;
  };
  return {
    url: `http://127.0.0.1:${port.number}`,
    port: port.number,
    get world() {
      return home.world;
    },
    log,
    stop,
    stopped,
  };
}
