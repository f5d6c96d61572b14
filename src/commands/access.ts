import { type Aws, connectAws } from "../aws/aws.ts";
import { profileFiles, profileNames } from "../aws/profiles.ts";
import { quoted } from "../config/command-words.ts";
import { UserError } from "../errors.ts";
import { labAccess } from "./lab-access.ts";
import { addressIn, findLab, labFolder } from "./lab-process.ts";
import type { Run } from "./run.ts";

/** Where a run's calls go. */
export interface Access {
  aws: Aws;
  region: string;
  /** What a state file is bound to: "aws", "lab" (by --lab or by its URL), or the endpoint's URL. */
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
  if (!lab && config.profile !== undefined) assertProfile(config.profile, run.env);
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
    endpoint: lab || (await isOwnLab(run)) ? "lab" : (config.endpointUrl ?? "aws"),
    sshProxy: lab?.endpoint ?? (config.sshProxy ? new URL(config.sshProxy) : undefined),
    callerIpUrl: lab ? new URL("/_lab/caller-ip", lab.endpoint).href : config.callerIpUrl,
    consistencyMs: lab?.consistencyMs ?? 10_000,
  };
}

/** Whether the URL is that of the lab that `--lab` means: then it is the same lab, by whatever name. */
async function isOwnLab({ config, env }: Run): Promise<boolean> {
  const folder = labFolder(env);
  // The file is looked at first, so that nobody else is asked for a lab's health.
  if (config.endpointUrl === undefined || addressIn(folder) !== config.endpointUrl) return false;
  return (await findLab(folder)) !== undefined;
}

/**
 * A profile that is named has to be there, as for the AWS CLI. The SDK would go on to other credentials, which may be of
 * another account, or blame their absence.
 */
function assertProfile(profile: string, env: NodeJS.ProcessEnv): void {
  const names = profileNames(env);
  if (names.includes(profile)) return;
  const { config, credentials } = profileFiles(env);
  const known = names.length > 0 ? `name one that is there (${names.join(", ")}), or make it` : "make it";
  throw new UserError(
    `there is no profile "${profile}" in ${config} or ${credentials}`,
    `${known}: aws configure --profile ${quoted(profile)}`,
  );
}

async function regionOf(aws: Aws): Promise<string> {
  try {
    return await aws.region();
  } catch (cause) {
    throw new UserError("no Region is set", "name one with --region, AWS_REGION or the profile", { cause });
  }
}
