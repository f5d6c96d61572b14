// Bundles src/ into dist/: one small entry, and a chunk for each command that is loaded when it runs.
import { readFileSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { ec2Schemas } from "./build/ec2-schemas.js";
import { unreached } from "./build/unreached.js";

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
  // What CommonJS packages in the bundle take for granted.
  banner: {
    js: [
      'import { createRequire as __createRequire } from "node:module";',
      "const require = __createRequire(import.meta.url);",
      'const __dirname = new URL(".", import.meta.url).pathname;',
    ].join(""),
  },
  plugins: [ec2Schemas, unreached],
  minify: true,
  legalComments: "none",
});
