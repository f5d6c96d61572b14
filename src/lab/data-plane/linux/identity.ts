import { readFileSync, writeFileSync } from "node:fs";

/**
 * Who the lab's processes in the namespaces are in the kernel's eyes: the user who runs the lab, or, where that is root,
 * "nobody". Root's own number must not be theirs: files of the machine that only root may write, like those in /proc/sys,
 * are judged by it, however few rights go with it.
 */
export interface Identity {
  /** The command line that becomes root of a new user namespace, and there runs `command`. */
  begin(command: readonly string[]): [string, ...string[]];
  /** What `begin` prints, as a line, when it waits for `map`; undefined where it does not. */
  readonly waits: string | undefined;
  /** Gives the waiting process its number; whatever is written to its input then lets it go on. */
  map(pid: number): void;
  /** Options for nsenter: into that user namespace, as its root. */
  readonly enter: readonly string[];
}

/** Of the user "nobody", and of the group "nogroup" or "nobody", on every Linux. */
const nobody = 65534;

export function identity(): Identity {
  if (process.getuid?.() === 0 && isMapped("uid_map") && isMapped("gid_map")) return asNobody;
  return asOneself;
}

const asOneself: Identity = {
  begin: (command) => ["unshare", "--user", "--map-root-user", ...command],
  waits: undefined,
  map: () => undefined,
  // A user's groups can neither be set nor left in a namespace that the user has made.
  enter: ["--user", "--preserve-credentials"],
};

/**
 * Only root outside of the namespace can give it somebody else's number, so the process waits for that, with the rights of
 * the namespace (--keep-caps) but without a number of its own in it.
 */
const asNobody: Identity = {
  begin: (command) => {
    const become = [
      "setpriv",
      "--reuid=0",
      "--regid=0",
      "--clear-groups",
      "--inh-caps=-all",
      "--ambient-caps=-all",
    ];
    const waiting = 'echo unmapped; read -r _; exec "$@"';
    return ["unshare", "--user", "--keep-caps", "sh", "-c", waiting, "sh", ...become, ...command];
  },
  waits: "unmapped",
  map: (pid) => {
    for (const which of ["uid_map", "gid_map"]) writeFileSync(`/proc/${pid}/${which}`, `0 ${nobody} 1\n`);
  },
  enter: ["--user", "--setuid=0", "--setgid=0"],
};

/** In a user namespace of a container's there may be no such number; its root is an ordinary user outside then. */
function isMapped(which: "uid_map" | "gid_map"): boolean {
  return readFileSync(`/proc/self/${which}`, "utf8")
    .trim()
    .split("\n")
    .some((line) => {
      const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
      return first <= nobody && nobody < first + count;
    });
}
