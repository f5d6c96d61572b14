import type { Holder } from "./holder.ts";

/** The command line that runs a command as root of the lab's user namespace, in a namespace of the plan, for `spawn`. */
export function enterNamespace(
  holder: Pick<Holder, "enter">,
  name: string,
  command: readonly string[],
): [string, ...string[]] {
  return holder.enter(["nsenter", `--net=/run/netns/${name}`, ...command]);
}
