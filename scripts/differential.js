// The long run of the differential test: npm run test:differential -- --runs 2000 --seed 1
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "50" }, seed: { type: "string", default: "1" } },
});
const { status } = spawnSync("npx", ["vitest", "run", "test/differential"], {
  stdio: "inherit",
  env: { ...process.env, PEERCTL_RUNS: values.runs, PEERCTL_SEED: values.seed },
});
process.exit(status ?? 1);
