import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, it } from "vitest";

/** Something that these tests need and that the project does not bring. */
export interface Peer {
  name: string;
  /** Where it is; undefined where it is not installed. */
  found: string | undefined;
}

export function program(name: string): Peer {
  return { name, found: onPath(name) };
}

/** A module of the python3 on the PATH. */
export function pythonModule(module: string): Peer {
  const python = onPath("python3");
  const asked = python ? spawnSync(python, ["-c", `import ${module}`], { stdio: "ignore" }) : undefined;
  return { name: `python3 with ${module}`, found: asked?.status === 0 ? python : undefined };
}

/** A folder that holds `inside`: the first of `folders` that does. */
export function folderWith(name: string, folders: readonly (string | undefined)[], inside: string): Peer {
  const found = folders.find((folder) => folder && existsSync(join(folder, inside)));
  return { name, found };
}

/**
 * Tests against programs that are not ours. Where one is missing they are skipped with a message; with
 * PEERCTL_REQUIRE_PEERS=1, as in CI, that is a failure instead.
 */
export function describePeers(title: string, peers: readonly Peer[], body: () => void): void {
  const missing = peers.filter(({ found }) => !found).map(({ name }) => name);
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const message = `${title}: not installed: ${missing.join(", ")}`;
  if (process.env.PEERCTL_REQUIRE_PEERS === "1") {
    it(title, () => {
      throw new Error(message);
    });
    return;
  }
  process.stderr.write(`skipped: ${message}\n`);
  describe.skip(title, body);
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
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
