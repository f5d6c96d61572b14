import type { Command } from "commander";
import { defaultTopology } from "../topology.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { commandNodes } from "./tree.ts";
import { zshScript } from "./zsh.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/**
 * The text that teaches `shell` the program's commands, options and choices. It asks no process for anything: commands
 * are written into it, and an argument or option value named `vpc` is looked up in the state file (`--state`,
 * `PEERCTL_STATE`), so that a press of the Tab key costs no start of Node.
 */
export function completionScript(shell: Shell, program: Command): string {
  const vpcs = defaultTopology().vpcs.map(({ name }) => name);
  return scripts[shell](program.name(), commandNodes(program), vpcs);
}
