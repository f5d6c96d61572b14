/**
 * An esbuild plugin: ssh2 comes to life when something of it is first used, and not where it is imported. It tries out every
 * cipher then, which takes as long as the rest of the lab's start.
 */
export const lazySsh2 = {
  name: "lazy-ssh2",
  setup(build) {
    build.onResolve({ filter: /^ssh2$/ }, ({ kind, resolveDir }) =>
      kind === "import-statement" ? { path: "ssh2", namespace: "lazy", pluginData: resolveDir } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path, pluginData }) => ({
      resolveDir: pluginData,
      contents: ["Client", "Server", "utils"]
        .map((name) => `get ${name}() { return require("${path}").${name}; }`)
        .reduce((text, getter) => `${text}\n  ${getter},`, "export default {")
        .concat("\n};"),
    }));
  },
};
