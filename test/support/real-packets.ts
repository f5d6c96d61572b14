import { spawnSync } from "node:child_process";
import { describe, it } from "vitest";
import { probe } from "../../src/lab/data-plane/linux/probe.ts";

const found = await probe();
const kernel = "lacks" in found ? found.lacks : undefined;
if (!("lacks" in found)) await found.close();

/**
 * Tests that move packets through the kernel. Where it has no namespaces for us, or a program is not there, they are skipped
 * with a message; with PEERCTL_REQUIRE_PEERS=1, as in CI, that is a failure instead.
 */
export function describeRealPackets(title: string, body: () => void, programs: readonly string[] = []): void {
  const absent = programs.find((each) => spawnSync("sh", ["-c", `command -v ${each}`]).status !== 0);
  const lacks = kernel ?? (absent && `${absent} is not installed`);
  if (lacks === undefined) {
    describe(title, body);
    return;
  }
  const message = `${title}: no real packets on this machine: ${lacks}`;
  if (process.env.PEERCTL_REQUIRE_PEERS === "1") {
    it(title, () => {
      throw new Error(message);
    });
    return;
  }
  process.stderr.write(`skipped: ${message}\n`);
  describe.skip(title, body);
}

/** A holder of namespaces; whoever asks for it closes it. Only inside of `describeRealPackets`. */
export async function openNamespaces() {
  const holder = await probe();
  if ("lacks" in holder) throw new Error(holder.lacks);
  return holder;
}
