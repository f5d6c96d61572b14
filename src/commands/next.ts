import type { State } from "../state/schema.ts";
import { typeOf } from "../steps/board.ts";
import { steps } from "../steps/index.ts";
import { wantedKeys } from "../steps/wanted-keys.ts";

/** What a person would run next: the first step, in the tutorial's order, that the state file does not have done. */
export function nextCommand({ topology, resources }: Pick<State, "topology" | "resources">): string {
  const wanted = wantedKeys(topology);
  const missing = (name: keyof typeof wanted) => wanted[name].filter((key) => !(key in resources));
  const first = steps.find(({ name }) => missing(name).length > 0);
  if (!first) return "peerctl test-ping, and in the end peerctl down";
  const isOnlyAsked = missing(first.name).every((key) => typeOf(key) === "acceptance");
  return `peerctl ${first.name}${isOnlyAsked ? " --accept" : ""}`;
}
