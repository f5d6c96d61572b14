import { type Aws, connectAws } from "../aws/aws.ts";
import { UserError } from "../errors.ts";
import { labAccess } from "./lab-process.ts";
import type { Run } from "./run.ts";

/** Where a run's calls go. */
export interface Access {
  aws: Aws;
  region: string;
  /** What a state file is bound to: "aws", "lab", or the endpoint's URL. */
  endpoint: string;
  /** The HTTP proxy that port 22 is reached through, if any. */
  sshProxy: URL | undefined;
  callerIpUrl: string;
  /** How long after a create its resource may not be shown yet, in milliseconds. */
  consistencyMs: number;
}

/** The clients for this run; with --lab, a lab is started where none runs. Makes no AWS call. */
export async function accessFor(run: Run): Promise<Access> {
  const { config, clock, signal, ui } = run;
  const lab = config.lab ? await labAccess(run) : undefined;
  const aws = connectAws({
    region: config.region ?? lab?.region,
    profile: config.profile,
    endpoint: lab?.endpoint ?? (config.endpointUrl ? new URL(config.endpointUrl) : undefined),
    credentials: lab?.credentials,
    clock,
    signal,
    onCall: ui.verbose
      ? ({ action, took, outcome }) => ui.say(ui.paint.dim(`  ${action} ${outcome} ${took} ms`))
      : undefined,
  });
  return {
    aws,
    region: await regionOf(aws),
    endpoint: lab ? "lab" : (config.endpointUrl ?? "aws"),
    sshProxy: lab?.endpoint ?? (config.sshProxy ? new URL(config.sshProxy) : undefined),
    callerIpUrl: lab ? new URL("/_lab/caller-ip", lab.endpoint).href : config.callerIpUrl,
    consistencyMs: lab?.consistencyMs ?? 10_000,
  };
}

async function regionOf(aws: Aws): Promise<string> {
  try {
    return await aws.region();
  } catch (cause) {
    throw new UserError("no Region is set", "name one with --region, AWS_REGION or the profile", { cause });
  }
}
