import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// The exhaustive runs: they need dist/, and a few minutes. `npm run test:crash`; CRASH_STRIDE=n
// runs every n-th case.
export default defineConfig({
  test: {
    include: ["test/crash/**/*.crash.ts"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    pool: "forks",
    // As many as there are cores: Vitest would leave one free, and of two that is half of the time.
    maxWorkers: availableParallelism(),
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
  },
});
