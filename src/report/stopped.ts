/** What a run does with a stack, for what is said where it is stopped in between. */
export type Doing = "makes" | "removes" | "looks";

interface Stopped {
  /** `SIGINT` or `SIGTERM`. */
  signalName: string;
  doing: Doing;
  /** Whether there is a state file now: a run that has made nothing leaves none. */
  hasState: boolean;
  /** The program with this run's flags. */
  peerctl: string;
}

/** One line: what a run that was stopped leaves, and how to go on. */
export function stoppedText({ signalName, doing, hasState, peerctl }: Stopped): string {
  return `peerctl: ${signalName}: stopped${rest(doing, hasState, peerctl)}`;
}

function rest(doing: Doing, hasState: boolean, peerctl: string): string {
  if (doing === "looks") return "";
  if (doing === "removes") return "; something may be left. Go on with the same command";
  if (!hasState) return "; nothing was made";
  return `; what was made is in the state file. Go on with the same command, or remove it: ${peerctl} down`;
}
