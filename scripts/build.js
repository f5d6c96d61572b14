// Bundles src/ into dist/: one small entry, and a chunk for each command that is loaded when it runs.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { awsSchemas } from "./build/aws-schemas.js";
import { lazySsh2 } from "./build/lazy-ssh2.js";
import { lightNode } from "./build/light-node.js";
import { notices } from "./build/notices.js";
import { together } from "./build/together.js";
import { unreached } from "./build/unreached.js";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

const { outputFiles, metafile } = await build({
  entryPoints: ["src/main.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  write: false,
  metafile: true,
  format: "esm",
  platform: "node",
  target: "node20",
  // The SDK's ES modules, which can be tree-shaken, rather than its CommonJS copy.
  mainFields: ["module", "main"],
  define: {
    PEERCTL_VERSION: JSON.stringify(version),
    // ssh2's WebAssembly asks for it and, being in one file, needs nothing from there.
    __dirname: '""',
  },
  // ssh2's native helpers are optional, and not needed.
  external: ["*.node", "cpu-features"],
  plugins: [awsSchemas, lazySsh2, lightNode, together, unreached],
  minify: true,
  legalComments: "none",
});

/** For the one chunk with esbuild's stand-in for the `require` that CommonJS packages take for granted. */
const require =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
for (const { path, text } of outputFiles) {
  writeFileSync(path, text.includes("typeof require") ? require + text : text);
}
writeFileSync("dist/THIRD-PARTY-LICENSES.txt", notices(metafile.inputs));
