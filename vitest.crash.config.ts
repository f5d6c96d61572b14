import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const { env } = process;
const day = Math.floor(Date.now() / 86_400_000);

/**
 * Which cases run: every CRASH_STRIDE-th from CRASH_OFFSET on, and the random stories of CRASH_SEED. What is not given goes by
 * the day, so that in time all get run; the line below repeats a run.
 */
const choice = {
  CRASH_STRIDE: env.CRASH_STRIDE ?? "1",
  CRASH_OFFSET: env.CRASH_OFFSET ?? String(day),
  CRASH_SEED: env.CRASH_SEED ?? String(Date.now() % 1_000_000),
};
const words = Object.entries({ ...choice, CRASH_RUNS: env.CRASH_RUNS, CRASH_ALL: env.CRASH_ALL });
const given = words.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
console.log(`again: ${given.join(" ")} npm run test:crash`);

// The exhaustive runs: they need dist/, and some minutes. `npm run test:crash`; CRASH_ALL=1 for those too that by default
// run in part only (pairs of kills, for the most part).
export default defineConfig({
  test: {
    include: ["test/crash/**/*.crash.ts"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true", ...choice },
    pool: "forks",
    // As many as there are cores: Vitest would leave one free, and of two that is half of the time.
    maxWorkers: availableParallelism(),
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
