import { realpathSync } from "node:fs";
import { resolve } from "node:path";

/**
 * An esbuild plugin: what is imported lazily, and in the same situations, becomes one module. Node takes about a
 * millisecond for each file and each import in it; and a bundler makes a file of its own for what any set of lazy imports
 * has in common, so that many lazy imports make very many files.
 */
export const together = {
  name: "together",
  setup(build) {
    const isOurs = Symbol("asked by this plugin");
    build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === isOurs) return undefined;
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: isOurs });
      const group = Object.keys(groups).find((name) => groups[name].includes(found.path));
      return group && { path: group, namespace: "together", sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: "together" }, ({ path }) => ({
      contents: groups[path].map((member) => `export * from ${JSON.stringify(member)};`).join("\n"),
      resolveDir: resolve("."),
    }));
    // Two members with the same name for different things would leave it out: see that it is noticed here.
    build.initialOptions.logOverride = { ...build.initialOptions.logOverride, "ambiguous-reexport": "error" };
  },
};

const source = (path) => resolve("src", path);
const sdk = (path) => resolve(realpathSync("node_modules"), path);

const groups = {
  /** All that works on a stack by EC2's API alone. */
  stack: [
    source("commands/make.ts"),
    source("commands/peer.ts"),
    source("commands/plan.ts"),
    source("commands/status.ts"),
    source("commands/teardown.ts"),
    source("steps/index.ts"),
  ],
  /** All that opens SSH sessions. */
  session: [
    source("commands/connect.ts"),
    source("commands/test-ping.ts"),
    source("aws/instance-connect.ts"),
  ],
  /** Where credentials come from, other than the environment. */
  credentials: [
    sdk("@aws-sdk/credential-provider-env/dist-es/index.js"),
    sdk("@aws-sdk/credential-provider-http/dist-es/index.js"),
    sdk("@aws-sdk/credential-provider-ini/dist-es/index.js"),
    sdk("@aws-sdk/credential-provider-login/dist-es/index.js"),
    sdk("@aws-sdk/credential-provider-process/dist-es/index.js"),
    sdk("@aws-sdk/credential-provider-sso/dist-es/index.js"),
    sdk("@aws-sdk/credential-provider-sso/dist-es/loadSso.js"),
    sdk("@aws-sdk/credential-provider-web-identity/dist-es/index.js"),
    sdk("@smithy/credential-provider-imds/dist-es/index.js"),
  ],
};
