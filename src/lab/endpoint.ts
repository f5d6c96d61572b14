import type { Clock } from "../clock.ts";
import type { Action, Call } from "./action.ts";
import type { Buckets } from "./buckets.ts";
import { Ec2Error } from "./error.ts";
import { type Fault, type Faults, faultError, requestLimitExceeded } from "./faults.ts";
import type { Home } from "./home.ts";
import { seededIds } from "./ids.ts";
import { idsIn, type Log, type LogEntry } from "./log.ts";
import { worldFrom, worldText } from "./persist.ts";
import { type Credential, credentialOf } from "./protocol/credential.ts";
import type { Question, WireReply, WireRequest } from "./protocol/wire.ts";
import { findAction, protocolOf } from "./services.ts";
import { tablesOf } from "./world-store.ts";

/** A reply, where `spoil` says what the fault does to it on its way; or none, and the connection is cut. */
export type Delivered = { reply: WireReply; requestId: string; spoil?: "garbage" | "truncated" } | "drop";

/**
 * What comes of a call. With `hang` the connection is left as it is, without an answer; with `refuseMs` every connection
 * is cut, and none is taken for so many milliseconds.
 */
export type Outcome = Delivered | "hang" | { refuseMs: number };

export interface EndpointParts {
  home: Home;
  faults: Faults;
  buckets: Buckets;
  log: Log;
  clock: Clock;
  seed: number;
}

/** Answers calls to the API as AWS would: never rejects, whatever the request is. */
export function createEndpoint(parts: EndpointParts): (request: WireRequest) => Promise<Outcome> {
  const { home, faults, buckets, log, clock } = parts;
  // Of their own, so that the ids of resources do not hang on how often somebody asked.
  const chance = seededIds(parts.seed ^ 0x5eed);

  return async (request) => {
    const entry = newEntry(requestIdBy(chance.make), clock.now());
    const protocol = protocolOf(request);
    let fault: Fault | undefined;
    let reply: WireReply;
    let saved: Promise<void> | undefined;
    try {
      const credential = credentialOf(request);
      Object.assign(entry, {
        account: credential.account,
        region: credential.region,
        service: credential.service,
      });
      const question = protocol.ask(request);
      entry.action = question.action;
      entry.used = idsIn(question.text);
      const action = findAction(credential.service, question.action);
      fault = faults.strike(question.action);
      await travel();
      if (fault?.fault === "drop-before") return finish("drop");
      if (fault?.fault === "hang-before") return finish("hang");
      if (fault?.fault === "refuse") return finish({ refuseMs: fault.ms ?? 0 });
      if (fault?.fault === "late-before") await clock.sleep(fault.ms ?? 0);
      const failure = fault && faultError(fault);
      if (failure) throw failure;
      const output = run(action, question, credential);
      // Written at once, before another call can change the rows in it.
      reply = protocol.answer(question.action, action.schema, output, entry.requestId);
    } catch (error) {
      reply = refuse(error);
    }
    await saved?.catch((error) => {
      reply = refuse(error);
    });
    if (fault?.fault === "late") await clock.sleep(fault.ms ?? 0);
    await travel();
    if (fault?.fault === "drop-after") return finish("drop");
    if (fault?.fault === "hang-after") return finish("hang");
    const spoil = fault?.fault === "garbage" || fault?.fault === "truncated" ? fault.fault : undefined;
    return finish({ reply, requestId: entry.requestId, ...(spoil && { spoil }) });

    function refuse(error: unknown): WireReply {
      const known = error instanceof Ec2Error ? error : internalError(error);
      entry.error = known.code;
      return protocol.refuse(known, entry.requestId);
    }

    function run(action: Action, question: Question, credential: Credential): unknown {
      const input = question.read(action.schema);
      const { account, region } = credential;
      const { world } = home;
      const owner = `${account}/${region}`;
      const isThrottled = world.profile.throttle && credential.service === "ec2";
      if (isThrottled && !buckets.take(owner, question.action, input, clock.now()))
        throw requestLimitExceeded();
      const isNew = !world.tables.has(owner);
      let changed = home.settle() || isNew;
      const tables = tablesOf(world, account, region);
      try {
        const seen = action.effect === "reads" ? home.seen() : world;
        const call: Call = {
          world: seen,
          account,
          region,
          tables: seen.tables.get(owner) ?? tables,
          requestId: entry.requestId,
        };
        if (input.DryRun === true) throw rehearse(action, input, call);
        world.ids.takeMade();
        const output = action.run(input as never, call);
        if (action.effect === "changes") changed = true;
        entry.made = world.ids.takeMade();
        return output;
      } finally {
        if (changed) saved = home.changed();
      }
    }

    /** Half of a call's latency; half lies before its effect, half after. */
    async function travel(): Promise<void> {
      const { latency } = home.world.profile;
      if (latency > 0) await clock.sleep(latency / 2 + chance.number(Math.ceil(latency / 5)) / 2);
    }

    function finish(outcome: Outcome): Outcome {
      entry.end = clock.now();
      if (fault) entry.fault = typeof fault.fault === "string" ? fault.fault : fault.fault.code;
      entry.status = typeof outcome === "object" && "reply" in outcome ? outcome.reply.status : 0;
      log.add(entry);
      return outcome;
    }
  };
}

/** A dry run does all on a copy of the world: it fails as the call would, else with DryRunOperation. */
function rehearse(action: Action, input: object, call: Call): Ec2Error {
  const { account, region } = call;
  const world = worldFrom(worldText(call.world), call.world);
  world.now = call.world.now;
  action.run(input as never, { ...call, world, tables: tablesOf(world, account, region) });
  return new Ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
}

function newEntry(requestId: string, start: number): LogEntry {
  const nobody = { service: "", action: "", account: "", region: "" };
  return { requestId, ...nobody, start, end: start, status: 0, used: [], made: [] };
}

/** As a UUID. */
function requestIdBy(make: (prefix: string) => string): string {
  const digits = make("").slice(2) + make("").slice(2);
  return [0, 8, 12, 16, 20].map((start, place) => digits.slice(start, [8, 12, 16, 20, 32][place])).join("-");
}

/** A mistake in the lab, or a file that cannot be written: the caller hears of it, and the process goes on. */
function internalError(cause: unknown): Ec2Error {
  process.emitWarning(cause instanceof Error ? cause : new Error(String(cause)));
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Ec2Error("InternalError", `An internal error has occurred: ${why}`, 500);
}
