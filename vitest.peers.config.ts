import { defineConfig } from "vitest/config";

// Tests against programs that are not ours, of which each is skipped where it is not installed. They start processes, so
// they take longer, and two at a time are enough.
export default defineConfig({
  test: {
    include: ["test/peers/**/*.test.ts"],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
