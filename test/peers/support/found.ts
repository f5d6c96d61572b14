import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where a program is on the PATH; undefined where it is not. */
export function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** A mirror with Terraform's AWS provider: https://developer.hashicorp.com/terraform/cli/config/config-file */
export function terraformPlugins(): string | undefined {
  const mirrors = [
    process.env.PEERCTL_TF_PLUGINS,
    "/opt/tf-plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    join(homedir(), ".terraform.d", "plugins"),
    join(homedir(), ".local", "share", "terraform", "plugins"),
  ];
  return mirrors.find((folder) => folder && existsSync(join(folder, "registry.terraform.io/hashicorp/aws")));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next folder counts.
    return false;
  }
}
