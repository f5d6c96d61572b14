import type { Config } from "../config.ts";

/**
 * The global flags of this run that another run needs too, so that a printed command does the same to the same stack when
 * it is pasted. What the environment says, it says there as well.
 */
export function peerctlWords(config: Config): string {
  const { given, lab, state, name, region, profile, endpointUrl, sshFrom } = config;
  const typed = (setting: keyof Config["given"]) => given[setting]?.kind === "flag";
  return [
    "peerctl",
    typed("lab") && lab ? "--lab" : "",
    typed("profile") ? `--profile ${quoted(profile)}` : "",
    typed("region") ? `--region ${region}` : "",
    typed("endpointUrl") && endpointUrl ? `--endpoint-url ${quoted(endpointUrl)}` : "",
    typed("state") ? `--state ${quoted(state)}` : "",
    typed("name") ? `--name ${name}` : "",
    typed("sshFrom") ? `--ssh-from ${sshFrom}` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** What every printed `aws` command ends with; the Region always, since the AWS CLI may have another default. */
export function awsWords({ given, profile, endpointUrl }: Config, region: string): string {
  const typed = given.profile?.kind === "flag" && profile ? ` --profile ${quoted(profile)}` : "";
  return `${region ? ` --region ${region}` : ""}${typed}${endpointUrl ? ` --endpoint-url ${quoted(endpointUrl)}` : ""}`;
}

/** A word for a POSIX shell. */
export function quoted(text = ""): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
