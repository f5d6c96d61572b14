import { createRequire } from "node:module";
import * as sdk from "@aws-sdk/client-ec2";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { awsSchemas } from "../../scripts/build/aws-schemas.js";

/** One that is sent, and one that only the lab serves; with what they name, many hundred schemas. */
const names = ["RunInstances$", "DescribeInstances$", "CreateNetworkAclEntry$"] as const;

type Schemas = Record<(typeof names)[number], unknown>;
let bundled: Schemas;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names.join(", ")} } from "@aws-sdk/client-ec2";`, resolveDir: "." },
    bundle: true,
    write: false,
    minify: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    plugins: [awsSchemas],
  });
  const module = { exports: {} };
  new Function("module", "exports", "require", outputFiles[0]!.text)(
    module,
    module.exports,
    createRequire(import.meta.url),
  );
  bundled = module.exports as Schemas;
});

test.each(names)("%s says what the SDK's own says", (name) => {
  expect(written(bundled[name])).toEqual(written((sdk as unknown as Schemas)[name]));
});

/** Each schema that a schema names, by its own name, with references to others as their names. */
function written(schema: unknown): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  const write = (value: unknown): unknown => {
    if (typeof value === "function") return write((value as () => unknown)());
    if (!Array.isArray(value)) return value;
    const [, namespace, name] = value;
    // Beside a schema, only its own traits and members are lists.
    if (typeof namespace !== "string" || typeof name !== "string") return value.map(write);
    if (!(name in all)) {
      all[name] = undefined;
      all[name] = value.map(write);
    }
    return `the schema ${name}`;
  };
  write(schema);
  return all;
}
