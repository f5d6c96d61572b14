import { findLab, labFolder, startLabProcess } from "./lab-process.ts";
import type { Run } from "./run.ts";

export interface LabAccess {
  endpoint: URL;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  consistencyMs: number;
}

/** How `--lab` reaches AWS: by the lab's address, with credentials that only a lab takes. */
export async function labAccess(run: Run): Promise<LabAccess> {
  const folder = labFolder(run.env);
  let lab = await findLab(folder);
  if (!lab) {
    run.ui.busy("starting the lab");
    lab = await startLabProcess(run, []);
    run.ui.idle();
  }
  return {
    endpoint: lab.url,
    region: labRegion,
    credentials: { accessKeyId: labAccessKey(run.env), secretAccessKey: "lab" },
    consistencyMs: lab.health.describeLagMs * 3,
  };
}

/** The variables by which other clients, and peerctl without --lab, use the lab. */
export function labExports(url: URL, env: NodeJS.ProcessEnv): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url.origin,
    AWS_ACCESS_KEY_ID: labAccessKey(env),
    AWS_SECRET_ACCESS_KEY: "lab",
    AWS_REGION: labRegion,
    AWS_DEFAULT_REGION: labRegion,
    PEERCTL_SSH_PROXY: url.origin,
    PEERCTL_CALLER_IP_URL: new URL("/_lab/caller-ip", url).href,
  };
}

const labRegion = "us-east-1";

/** Twelve digits name one of the lab's accounts. Anything else may be real, and is never sent there. */
function labAccessKey({ AWS_ACCESS_KEY_ID: asked = "" }: NodeJS.ProcessEnv): string {
  return /^\d{12}$/.test(asked) ? asked : "123456789012";
}
