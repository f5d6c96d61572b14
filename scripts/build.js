// Bundles src/ into dist/: one small entry, and a chunk for each command that is loaded when it runs.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build, transform } from "esbuild";
import { awsSchemas } from "./build/aws-schemas.js";
import { lazySsh2 } from "./build/lazy-ssh2.js";
import { lightNode } from "./build/light-node.js";
import { notices } from "./build/notices.js";
import { together } from "./build/together.js";
import { unreached } from "./build/unreached.js";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

const common = {
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  target: "node20",
  minify: true,
  legalComments: "none",
  define: { PEERCTL_VERSION: JSON.stringify(version) },
};
const entry = await build({ ...common, entryPoints: ["src/main.ts"], format: "cjs" });
const program = await build({
  ...common,
  entryPoints: ["src/start.ts"],
  splitting: true,
  format: "esm",
  // The SDK's ES modules, which can be tree-shaken, rather than its CommonJS copy.
  mainFields: ["module", "main"],
  plugins: [awsSchemas, lazySsh2, lightNode, together, unreached],
});
const ssh2 = await build({
  ...common,
  entryPoints: { ssh2: "ssh2" },
  format: "cjs",
  // Its native helpers are optional, and not needed.
  external: ["*.node", "cpu-features"],
  plugins: [unreached],
});

/** Only modules that can be split can be bundled in parts, and only scripts can be kept compiled: see src/compiled.ts. */
const script = async ({ path, text }) => ({
  path,
  text: (await transform(text, { format: "cjs", minify: true, supported: { "dynamic-import": false } })).code,
});

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
const chunks = await Promise.all(program.outputFiles.map(script));
for (const { path, text } of [...entry.outputFiles, ...chunks, ...ssh2.outputFiles]) {
  writeFileSync(path, text);
}
writeFileSync(
  "dist/THIRD-PARTY-LICENSES.txt",
  notices({ ...entry.metafile.inputs, ...program.metafile.inputs, ...ssh2.metafile.inputs }),
);
