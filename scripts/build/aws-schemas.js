import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { named, withShortTraits } from "./short-traits.js";

/**
 * An esbuild plugin: the schemas of AWS's clients (EC2's are 1.3 MB for all its actions) cut down to those that are used.
 *
 * The SDK writes traits with computed keys (`{ [_xN]: "vpcId" }`), which no bundler may drop, because computing a key could
 * do something. Here the names are constants, so the keys are written out.
 *
 * And a bundler loads all that it keeps of a file wherever any of it is used. So the file becomes three:
 * `errors`, which a client needs;
 * `sent`, for the actions that peerctl sends: what the SDK's commands import;
 * `served`, for the actions that the lab serves: what is imported by its own name. What is in `sent` too, it takes from there.
 */
export const awsSchemas = {
  name: "aws-schemas",
  setup(build) {
    const isOurs = Symbol("asked by this plugin");
    build.onResolve(
      { filter: /\/schemas_0(\?sent)?$/ },
      async ({ path, importer, resolveDir, pluginData }) => {
        if (pluginData === isOurs || !client.test(importer)) return undefined;
        const [file] = path.split("?");
        const found = await build.resolve(file, {
          kind: "import-statement",
          importer,
          resolveDir,
          pluginData: isOurs,
        });
        const part = path.endsWith("?sent") ? "sent" : partFor(importer);
        return { ...found, suffix: `?${part}`, sideEffects: part === "errors" };
      },
    );
    // The lab wants schemas alone: through the package's index, all that anybody wants of it would come along.
    build.onResolve(
      { filter: /^@aws-sdk\/client-[\w-]+$/ },
      async ({ path, importer, resolveDir, pluginData }) => {
        if (pluginData === isOurs || !importer.includes("/src/lab/")) return undefined;
        const index = await build.resolve(path, { kind: "import-statement", resolveDir, pluginData: isOurs });
        const schemas = index.path.replace(/index\.js$/, "schemas/schemas_0.js");
        return { path: schemas, suffix: "?served", sideEffects: false };
      },
    );
    build.onLoad(
      { filter: /\/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ },
      ({ path, suffix }) => ({
        contents: parts[suffix.slice(1)](lazily(withWrittenNames(readFileSync(path, "utf8")))),
      }),
    );
  },
};

const client = /\/@aws-sdk\/client-[\w-]+\/dist-es\//;

function partFor(importer) {
  if (importer.endsWith("/dist-es/index.js")) return "served";
  return importer.includes("/commands/") ? "sent" : "errors";
}

const parts = {
  errors: (source) => source.slice(0, whereSchemasBegin(source)),
  sent: (source) => helpers + withoutErrors(source).replace(declaration, exported),
  served: (source) => {
    const own = new Map([...source.matchAll(declaration)].map(([text, name]) => [name, text]));
    const shared = withAllThatTheyName(sentActions(), own);
    const fromSent = `{ ${[...shared].join(", ")} } from "./schemas_0?sent";`;
    const rest = (text, name) => (shared.has(name) ? "" : exported(text));
    return `import ${fromSent}\nexport ${fromSent}\n${helpers}${withoutErrors(source).replace(declaration, rest)}`;
  },
};

/** A schema: `export var CreateVpc$ = [...];`, or a list's, which the SDK does not export; made lazy or not. */
const declaration = /^(?:export )?var (\w+\$?) = (?:\[|\/\* @__PURE__ \*\/ once).*?\]\)?;$/gms;

function exported(text) {
  return text.replace(/^(export )?/, "export ");
}

/** First come the names as constants, then what registers the errors, then one schema after the other. */
function whereSchemasBegin(source) {
  return source.indexOf("];\n", source.indexOf("export const errorTypeRegistries")) + 3;
}

function withoutErrors(source) {
  return source.slice(0, source.indexOf("\nimport ") + 1) + source.slice(whereSchemasBegin(source));
}

function withWrittenNames(source) {
  const texts = new Map(
    [...source.matchAll(/^const (\w+) = ("\w+");$/gm)].map(([, name, text]) => [name, text]),
  );
  return withShortTraits(source, texts).replace(/\[(_\w+)\]:/g, (key, name) =>
    texts.has(name) ? `${texts.get(name)}:` : key,
  );
}

const helpers = `const once = (make) => { let made; return () => (made ??= make()); };\n${named}`;

/**
 * Makes structures (3) and lists (1) when they are first looked at: until then Node only skims their text. Others name them
 * by a function already (`() => Vpc$`), and get that function.
 */
function lazily(source) {
  const lazy = new Set([...source.matchAll(/^(?:export )?var (\w+\$?) = \[[13],/gm)].map(([, name]) => name));
  return source
    .replace(/\(\) => (\w+\$?)/g, (reference, name) => (lazy.has(name) ? name : reference))
    .replace(declaration, (text, name) =>
      lazy.has(name) ? text.replace(" = [", " = /* @__PURE__ */ once(() => [").replace(/\];$/, "]);") : text,
    );
}

function withAllThatTheyName(names, all) {
  const reached = new Set();
  const open = names.filter((name) => all.has(name));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const [next] of all.get(name).matchAll(/\w+\$?/g)) if (all.has(next)) open.push(next);
  }
  return reached;
}

/** The operations of all `...Command`s in the sources. One that is missed is in the bundle twice, and works. */
function sentActions() {
  const files = readdirSync("src", { recursive: true }).filter((file) => file.endsWith(".ts"));
  const text = files.map((file) => readFileSync(join("src", file), "utf8")).join("\n");
  return [...new Set([...text.matchAll(/\b(\w+)Command\b/g)].map(([, action]) => `${action}$`))];
}
