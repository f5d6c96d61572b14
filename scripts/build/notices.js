// The licences of what the bundle contains: their texts have to go where the code goes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licence texts of all packages that `inputs` (esbuild's metafile) has files of, each once, under their names. */
export function notices(inputs) {
  const folders = new Set(Object.keys(inputs).flatMap((path) => packageOf(path) ?? []));
  const packages = new Map();
  for (const folder of [...folders].sort()) {
    const text = licenceOf(folder);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...packages]
    .map(([text, names]) => `${names.join("\n")}\n\n${text}\n`)
    .join(`\n${"-".repeat(78)}\n\n`);
}

/** `node_modules/@smithy/core/dist/x.js` -> `node_modules/@smithy/core`. */
function packageOf(path) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function licenceOf(folder) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
  return file ? readFileSync(join(folder, file), "utf8").trim() : "";
}
