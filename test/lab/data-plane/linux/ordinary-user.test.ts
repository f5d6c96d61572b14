import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { describeOnLinux } from "./on-linux.ts";

const nobody = "65534";
const isRoot = process.getuid?.() === 0;

/**
 * Mounts what is needed where everybody may go (this folder may be in root's home), and becomes an ordinary user; arguments:
 * the repository, Node's folder, a folder for both, Node's name, and its own arguments.
 */
const become = `
set -e
mount --bind "$1" "$3/repository"
mount --bind "$2" "$3/node"
cd "$3/repository"
node="$3/node/$4"
shift 4
exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --inh-caps=-all --bounding-set=-all "$node" "$@"
`;

/** Without a configuration: it would build, and write to the repository. */
const run = `
import { startVitest } from "vitest/node";
const options = { config: false, cache: false, watch: false, maxWorkers: 1, testTimeout: 60000, hookTimeout: 60000 };
const include = ["test/lab/data-plane/linux/{linux,isolation,recovery,probe}.test.ts"];
const vitest = await startVitest("test", [], { ...options, include });
await vitest.close();
`;

describeOnLinux("the same by an ordinary user", () => {
  test.skipIf(!isRoot)(
    "its tests pass",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "peerctl-ordinary-"));
      chmodSync(folder, 0o755);
      for (const name of ["repository", "node"]) mkdirSync(join(folder, name));
      const node = process.execPath;
      const places = [process.cwd(), dirname(node), folder, basename(node)];
      const child = spawn(
        "unshare",
        [
          "--mount",
          "--propagation",
          "private",
          "sh",
          "-c",
          become,
          "sh",
          ...places,
          "--input-type=module",
          "-e",
          run,
        ],
        {
          env: { PATH: process.env.PATH, HOME: "/nonexistent", PEERCTL_REQUIRE_PEERS: "1", NO_COLOR: "1" },
          stdio: "pipe",
        },
      );
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (bytes: Buffer) => {
          said += bytes;
        });
      }
      const [code] = await once(child, "close");
      rmSync(folder, { recursive: true });
      expect(code, said).toBe(0);
      expect(said).toMatch(/Tests +\d+ passed \(\d+\)/);
    },
    300_000,
  );
});
