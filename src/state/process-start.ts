import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

/**
 * When the process of an id began, in the system's own terms, so that two processes of one id are told apart; null for one
 * that has ended and is still shown (a zombie), undefined where the system does not tell.
 */
export type StartOf = (pid: number) => string | null | undefined;

/**
 * The boot, and the clock ticks since it. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @param boot which boot this is
 */
export const startByProc =
  (boot: string): StartOf =>
  (pid) => {
    let stat: string;
    try {
      // In a namespace of its own a process may still see the /proc of another, where its ids are others'.
      if (readlinkSync("/proc/self") !== String(process.pid)) return undefined;
      // Not there: it has just ended, or its user hides it (hidepid).
      stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
      return undefined;
    }
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? null : `${boot}/${fields[19]}`;
  };

/** The second, where there is no /proc (macOS, the BSDs). https://man.freebsd.org/cgi/man.cgi?ps(1) */
export const startByPs: StartOf = (pid) => {
  const [, state = "Z", began = ""] = /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(ps(pid)) ?? [];
  if (began === "") return undefined;
  return state.startsWith("Z") ? null : began.replace(/\s+/g, " ");
};

function ps(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "stat=", "-o", "lstart=", "-p", String(pid)], {
      // One form of the time, wherever the machine has been taken meanwhile.
      env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 2000,
    });
  } catch {
    return "";
  }
}
