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

const common = {
  outdir: "dist",
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  target: "node20",
  minify: true,
  legalComments: "none",
};
const program = await build({
  ...common,
  entryPoints: ["src/main.ts"],
  splitting: true,
  format: "esm",
  // The SDK's ES modules, which can be tree-shaken, rather than its CommonJS copy.
  mainFields: ["module", "main"],
  define: { PEERCTL_VERSION: JSON.stringify(version) },
  plugins: [awsSchemas, lazySsh2, lightNode, together, unreached],
});
const ssh2 = await build({
  ...common,
  entryPoints: { ssh2: "ssh2" },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  // Its native helpers are optional, and not needed.
  external: ["*.node", "cpu-features"],
  plugins: [unreached],
});

/** For the one chunk with esbuild's stand-in for the `require` that CommonJS packages take for granted. */
const require =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
for (const { path, text } of [...program.outputFiles, ...ssh2.outputFiles]) {
  writeFileSync(path, path.endsWith(".js") && text.includes("typeof require") ? require + text : text);
}
writeFileSync(
  "dist/THIRD-PARTY-LICENSES.txt",
  notices({ ...program.metafile.inputs, ...ssh2.metafile.inputs }),
);
