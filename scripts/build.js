// Bundles src/ into dist/: one small entry, and a chunk for each command that is loaded when it runs.
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // The SDK's ES modules, which can be tree-shaken, rather than its CommonJS copy.
  mainFields: ["module", "main"],
  define: { PEERCTL_VERSION: JSON.stringify(version) },
  // ssh2's native helpers are optional, and not needed.
  external: ["*.node", "cpu-features"],
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
});
