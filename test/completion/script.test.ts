import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completionScript, type Shell, shells } from "../../src/completion/script.ts";
import { cases, sampleProgram, stateText } from "./sample.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "peerctl-completion-"));
});
afterAll(() => rmSync(root, { recursive: true }));

function script(shell: Shell): string {
  const path = join(root, `peerctl.${shell}`);
  writeFileSync(path, completionScript(shell, sampleProgram()));
  return path;
}

/** A folder with the state file, if the case has one. */
function folder(state: string | undefined): string {
  const cwd = mkdtempSync(join(root, "cwd-"));
  if (state) writeFileSync(join(cwd, state), stateText);
  return cwd;
}

/** What each shell's own machinery offers for a line, as plain words. */
const offered: Record<Shell, (line: string[], cwd: string) => string[]> = {
  bash: (line, cwd) => {
    // As readline does, with = among COMP_WORDBREAKS.
    const words = ["peerctl", ...line.flatMap((word) => word.split(/(?<=^--\w+)(=)/))];
    const code = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _peerctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run("bash", ["--norc", "-c", code, "bash", script("bash"), ...words], cwd);
  },
  zsh: (line, cwd) => {
    // The real ones only work inside the line editor: these print what they are given, as far as it fits.
    const code = `
      compdef() { }
      compset() { cur="\${words[CURRENT]#*=}" }
      fits() { local each; for each in "$@"; do [[ $each == "$cur"* ]] && print -r -- "$each"; done; return 0 }
      compadd() { local -a given; given=("\${(@P)2}"); fits "$given[@]" }
      _describe() { local -a items; items=("\${(@P)@[-1]}"); fits "\${(@)items%%:*}" }
      _files() { fits *(N) }
      _message() { }
      source "$1"; shift
      words=("$@"); CURRENT=$#; cur="$words[CURRENT]"
      _peerctl; true`;
    return run("zsh", ["-f", "-c", code, "zsh", script("zsh"), "peerctl", ...line], cwd);
  },
  fish: (line, cwd) => {
    const code = `source $argv[1]; complete -C (string join ' ' -- peerctl $argv[2..-1])`;
    const words = line.map((word) => word.replaceAll(" ", "\\ "));
    const candidates = run("fish", ["--no-config", "-c", code, script("fish"), ...words], cwd);
    const plain = candidates.map((each) => each.split("\t")[0]!.replace(/^--\w+=/, ""));
    // fish also offers what holds the letters anywhere, as its own idea.
    return plain.filter((each) => each.startsWith(line.at(-1)!.replace(/^--\w+=/, "")));
  },
};

function run(shell: Shell, args: string[], cwd: string): string[] {
  const env = { ...process.env, HOME: root, PEERCTL_STATE: undefined };
  const output = execFileSync(shell, args, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return output.split("\n").filter((word) => word !== "");
}

describe.each(shells)("%s", (shell) => {
  const here = spawnSync(shell, ["-c", "true"]).error === undefined;

  test.for(cases)("$line -> $offers", ({ line, offers, state }, { skip }) => {
    if (!here) return skip(`${shell} is not installed here`);
    const cwd = folder(state);
    expect(offered[shell](line, cwd).sort()).toEqual([...offers].sort());
    expect(existsSync(join(cwd, "owned"))).toBe(false);
  });
});

test("each script tells how it is loaded, and holds no hidden command or option", () => {
  for (const shell of shells) {
    const text = completionScript(shell, sampleProgram());
    expect(text).toContain(`peerctl completion ${shell}`);
    expect(text).not.toMatch(/\bsecret\b/);
  }
});

test("a choice that a shell would take apart is refused", () => {
  const program = sampleProgram();
  program.command("odd").addArgument(program.createArgument("<x>").choices(["$(reboot)"]));
  expect(() => completionScript("bash", program)).toThrow("cannot be completed");
});
