import type { Snapshot, Verdict } from "../../net/types.ts";
import type { Topology } from "../../topology.ts";

/** One thing to do about a blocker. */
export interface Remedy {
  /** `peerctl` for what the stack made, `aws` for all else; `you` where no command mends it, and `note` says what does. */
  by: "peerctl" | "aws" | "you";
  /**
   * One line for a POSIX shell, to be run as it is. Absent for `you`. A variable that it uses is set by an earlier line of
   * the same remedies (`remediesFor` gives them in the order to run them in).
   */
  command?: string;
  /** The subcommands that `command` runs, for `peerctl`. */
  steps?: readonly string[];
  /** A sentence beside the command, or instead of it. */
  note?: string;
  /** What is made first: gateways and peerings (0), then routes to them (1), then all else (2). */
  stage: 0 | 1 | 2;
}

/** What is known around a blocker. */
export interface Surroundings {
  snapshot: Snapshot;
  verdict: Verdict;
  /** The logical key (`subnet/vpc-1`) of what the stack made; undefined for what it did not. */
  keyOf(id: string): string | undefined;
  topology: Topology | undefined;
  /** The far end stands for everybody on the internet, and not for one address there. */
  anybody: boolean;
  /** The program's name with the global flags that this run was given, e.g. `peerctl --lab`. */
  peerctl: string;
  /** What every `aws` command ends with, e.g. ` --region us-east-1`. */
  awsFlags: string;
}

export function awsLine({ awsFlags }: Surroundings, words: string): string {
  return `aws ec2 ${words}${awsFlags}`;
}

export function aws(around: Surroundings, stage: Remedy["stage"], words: string, note?: string): Remedy {
  return { by: "aws", command: awsLine(around, words), stage, ...(note && { note }) };
}

export function step({ peerctl }: Surroundings, stage: Remedy["stage"], ...steps: string[]): Remedy {
  return { by: "peerctl", command: steps.map((name) => `${peerctl} ${name}`).join(" && "), steps, stage };
}

export function you(note: string): Remedy {
  return { by: "you", note, stage: 2 };
}
