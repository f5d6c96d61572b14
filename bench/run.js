// Builds the program and the bench, and runs the bench: `npm run bench -- [--json] [PART...]`
import { spawnSync } from "node:child_process";
import { build } from "esbuild";

const outdir = ".peerctl/bench";
await build({
  entryPoints: ["bench/main.ts", "bench/lab-host.ts"],
  outdir,
  bundle: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  outExtension: { ".js": ".mjs" },
});
const made = spawnSync(process.execPath, ["scripts/build.js"], { stdio: ["ignore", "ignore", "inherit"] });
if (made.status !== 0) process.exit(1);
const ran = spawnSync(process.execPath, [`${outdir}/main.mjs`, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(ran.status ?? 1);
