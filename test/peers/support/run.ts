import { spawn } from "node:child_process";

export interface Ended {
  /** The exit code; null where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** What it reads from its standard input; empty if absent. */
  input?: string;
  /** Milliseconds until it is killed. */
  timeout?: number;
}

/** Runs a program to its end; rejects only where it could not be started. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { env, cwd, input = "", timeout = 120_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, timeout, killSignal: "SIGKILL" });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
    // One that ends without reading closes its end.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** The same, for a program that must succeed: resolves with its stdout, rejects with what it said. */
export async function output(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
}

/** This process's environment without the user's own settings for AWS and peerctl, which are none of a test's. */
export function plainEnv(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|PEERCTL_|TF_|NO_COLOR)/.test(name));
  return {
    ...Object.fromEntries(kept),
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    ...more,
  };
}
