import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Those need programs that are not ours: npm run test:peers.
    exclude: ["test/peers/**"],
    globalSetup: "test/support/build.ts",
    pool: "threads",
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
