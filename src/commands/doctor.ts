import { exitCode, UserError } from "../errors.ts";
import { diagnosisText, matrixText } from "../report/diagnosis.ts";
import { diagnose, type Question } from "./diagnosis.ts";
import { findEnd } from "./ends.ts";
import { fix } from "./fix.ts";
import { type Look, lookAtAws, lookAtFiles } from "./look.ts";
import { matrixOf } from "./matrix.ts";
import type { Run } from "./run.ts";
import { saveSnapshot } from "./snapshot-file.ts";
import { verify } from "./verify.ts";

export interface DoctorOptions {
  protocol: Question["protocol"];
  /** Of the destination; only for tcp and udp. */
  port?: number;
  /** Run the peerctl commands among the remedies. */
  fix?: boolean;
  /** Say more of each thing on the way. */
  explain?: boolean;
  /** Send real packets too. */
  verify?: boolean;
  /** Ask saved tables instead of AWS. */
  snapshot?: readonly string[];
  /** Save the tables. */
  save?: string;
  withTags?: boolean;
  withAccounts?: boolean;
}

/** What is about to be answered: one pair, or all of them. */
type Answer = { reachable: boolean; json: object; text: string; remedies: Parameters<typeof fix>[1] };

/**
 * Whether FROM reaches TO, by AWS's own tables, with everything in the way and what clears it; without both, every pair of
 * the stack. Resolves with 0 for yes (or all as expected), 2 for no.
 */
export async function doctor(
  run: Run,
  from: string | undefined,
  to: string | undefined,
  options: DoctorOptions,
): Promise<number> {
  const question = questionOf(options);
  check(from, to, options);
  const ends = from && to ? ([from, to] as const) : undefined;
  const began = run.clock.now();
  let look = await lookAt(run, ends ?? [], options);
  let fixed: string[] = [];
  try {
    if (options.save) await save(run, look, options);
    let answer = await answerTo(run, look, ends, question, options);
    if (options.fix && !answer.reachable) {
      fixed = await fix(run, answer.remedies);
      if (fixed.length > 0) {
        look.close();
        look = await lookAt(run, ends ?? [], options);
        answer = await answerTo(run, look, ends, question, options);
      }
    }
    if (run.config.lab && answer.remedies.some(({ by }) => by === "aws")) {
      run.ui.say('the aws commands reach the lab after: eval "$(peerctl lab env)"');
    }
    const calls = look.aws?.calls.length ?? 0;
    const seconds = (run.clock.now() - began) / 1000;
    run.ui.result({ ...answer.json, ...(fixed.length > 0 && { fixed }), calls, seconds }, answer.text);
    return answer.reachable ? exitCode.done : exitCode.no;
  } finally {
    look.close();
  }
}

async function answerTo(
  run: Run,
  look: Look,
  ends: readonly [string, string] | undefined,
  question: Question,
  options: DoctorOptions,
): Promise<Answer> {
  const { scene } = look;
  const isPlain = run.stdout.isTTY !== true || !run.config.color;
  const width = run.stdout.isTTY ? run.stdout.columns : undefined;
  if (!ends) {
    const matrix = await matrixOf(scene, question);
    const asExpected = matrix.every(({ expected, reachable }) => reachable === (expected ?? true));
    return {
      reachable: asExpected,
      json: { asExpected, question, pairs: matrix.map(({ remedies: _, ...pair }) => pair) },
      text: matrixText(matrix, isPlain, width),
      // What the topology does not want open is left as it is.
      remedies: matrix.filter(({ expected }) => expected !== false).flatMap(({ remedies }) => remedies),
    };
  }
  const found = diagnose(
    scene,
    await findEnd(scene, ends[0], true),
    await findEnd(scene, ends[1], false),
    question,
  );
  const packets = options.verify ? await verify(run, found, question) : undefined;
  const { verdict, hops, from, to, findings, remedies, notices } = found;
  const json = {
    from,
    to,
    question,
    reachable: verdict.reachable,
    hops,
    blockers: findings,
    remedies,
    notices,
  };
  return {
    reachable: verdict.reachable && packets?.arrived !== false,
    json: { ...json, ...(packets && { packets }) },
    text: diagnosisText(found, { explain: options.explain === true, isPlain, width, packets }),
    remedies,
  };
}

function lookAt(run: Run, ends: readonly string[], { snapshot }: DoctorOptions): Promise<Look> {
  return snapshot ? lookAtFiles(run, snapshot) : lookAtAws(run, ends);
}

async function save({ ui }: Run, { scene }: Look, options: DoctorOptions): Promise<void> {
  const { save: path = "", withTags = false, withAccounts = false } = options;
  await saveSnapshot(path, scene, { withTags, withAccounts });
  const what = ["ids, addresses and rules", withTags ? "tags" : "", withAccounts ? "account numbers" : ""];
  ui.say(
    `saved ${what.filter(Boolean).join(", ")} to ${path}; ask it with: peerctl doctor FROM TO --snapshot ${path}`,
  );
}

function questionOf({ protocol, port }: DoctorOptions): Question {
  if (protocol === "icmp") {
    if (port !== undefined)
      throw new UserError("a ping has no port", "leave --port out, or say --protocol tcp");
    return { protocol };
  }
  if (port === undefined) throw new UserError(`${protocol} needs a port`, "name it: --port 443");
  if (port > 65_535) throw new UserError(`--port ${port} is out of range`, "give a number from 0 to 65535");
  return { protocol, port };
}

function check(from: string | undefined, to: string | undefined, options: DoctorOptions): void {
  if (from && !to) throw new UserError("a question needs two ends", "peerctl doctor FROM TO");
  if (options.snapshot && (options.fix || options.verify)) {
    throw new UserError("a saved snapshot can be neither mended nor pinged", "leave --snapshot out");
  }
  if (options.verify && !from) throw new UserError("--verify sends packets for one pair", "name it: FROM TO");
  if ((options.withTags || options.withAccounts) && !options.save) {
    throw new UserError("nothing is saved without --save", "say where to: --save FILE");
  }
}
