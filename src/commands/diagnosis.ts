import { blockerPages } from "../net/explain.ts";
import { reach } from "../net/reach.ts";
import type { BlockerCode, Hop, Probe, Verdict } from "../net/types.ts";
import type { Remedy, Surroundings } from "../report/remedy/line.ts";
import { remediesFor, remediesOf } from "../report/remedy/remedy.ts";
import type { End } from "./ends.ts";
import { type Notice, noticesOf } from "./notices.ts";
import { keyOf, nameFor, type Scene } from "./scene.ts";

/** Something in the way, and what clears it. */
export interface Finding {
  leg: Hop["leg"];
  kind: Hop["kind"];
  id: string;
  /** The stack's name for it, or its Name tag. */
  name?: string;
  code: BlockerCode;
  rule?: string;
  reason: string;
  /** Where AWS explains it. */
  page: string;
  remedies: Remedy[];
}

export type NamedHop = Hop & { name?: string };

/** What AWS's own tables say of a question. */
export interface Diagnosis {
  from: End;
  to: End;
  verdict: Verdict;
  /** The verdict's hops, with what people call them. */
  hops: NamedHop[];
  findings: Finding[];
  /** All that clears the findings, each once, in the order to do it in. */
  remedies: Remedy[];
  /** What stops no packet, and is good to know. */
  notices: Notice[];
}

export type Question = Pick<Probe, "protocol" | "port">;

/** Throws RangeError for a question that makes no sense, as `reach` does. */
export function diagnose(scene: Scene, from: End, to: End, question: Question): Diagnosis {
  const verdict = reach(scene.network, { ...question, from: from.endpoint, to: to.endpoint });
  const around: Surroundings = {
    snapshot: scene.snapshot,
    verdict,
    keyOf: (id) => keyOf(scene, id),
    topology: scene.stack?.topology,
    anybody: from.anybody || to.anybody,
    peerctl: scene.peerctl,
    awsFlags: scene.awsFlags,
  };
  const findings = verdict.blockers.map((hop): Finding => {
    const { leg, kind, id, rule, reason } = hop;
    const name = nameFor(scene, id);
    return {
      leg,
      kind,
      id,
      ...(name && { name }),
      code: hop.code!,
      ...(rule && { rule }),
      reason,
      page: blockerPages[hop.code!],
      remedies: remediesOf(around, hop),
    };
  });
  const hops = verdict.hops.map((hop): NamedHop => {
    const name = nameFor(scene, hop.id);
    return { ...hop, ...(name && { name }) };
  });
  return { from, to, verdict, hops, findings, remedies: remediesFor(around), notices: noticesOf(around) };
}

/** `sg-0abc (vpc-2)`: the id, and what it is called. */
export function titleOf({ id, name }: Pick<Finding, "id" | "name">): string {
  return name ? `${id} (${name})` : id;
}
