import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The names of the profiles in the AWS CLI's two files, sorted; none where there are no files.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export function profileNames(env: NodeJS.ProcessEnv): string[] {
  const { config, credentials } = profileFiles(env);
  const inConfig = sectionsOf(config).flatMap((section) =>
    section === "default" ? section : (/^profile\s+(["']?)(.+)\1$/.exec(section)?.[2] ?? []),
  );
  return [...new Set([...inConfig, ...sectionsOf(credentials)])].sort();
}

/** Where they are; a leading `~/` is the home folder, as it is for the SDK. */
export function profileFiles(env: NodeJS.ProcessEnv): { config: string; credentials: string } {
  const home = env.HOME || homedir();
  const at = (path: string) => (path.startsWith("~/") ? join(home, path.slice(2)) : path);
  return {
    config: at(env.AWS_CONFIG_FILE || "~/.aws/config"),
    credentials: at(env.AWS_SHARED_CREDENTIALS_FILE || "~/.aws/credentials"),
  };
}

function sectionsOf(path: string): string[] {
  return [...textOf(path).matchAll(/^\s*\[\s*([^\]]+?)\s*\]/gm)].map(([, name]) => name!);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
