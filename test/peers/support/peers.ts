import { spawnSync } from "node:child_process";
import { describe, it } from "vitest";
import { onPath, terraformPlugins } from "./found.ts";

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

export function terraformProvider(): Peer {
  return { name: "Terraform's AWS provider", found: terraformPlugins() };
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
