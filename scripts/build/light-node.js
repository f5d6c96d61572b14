/**
 * An esbuild plugin: parts of Node that take time to load, and that libraries ask for without need.
 *
 * Importing a module of Node's makes it look at each of its members, which opens standard input (`node:process`), or loads the
 * whole of `fetch` (`node:http`, from Node 22 on). Requiring it does not. Commander wants `node:child_process` for subcommands
 * that are programs of their own, of which there are none here.
 */
export const lightNode = {
  name: "light-node",
  setup(build) {
    const instead = (contents) => ({ path: contents, namespace: "light-node", sideEffects: false });
    build.onResolve({ filter: /^(node:)?process$/ }, () => instead("module.exports = process;"));
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "require-call" ? undefined : instead('module.exports = require("node:http");'),
    );
    build.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes("/commander/") ? instead("module.exports = {};") : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "light-node" }, ({ path }) => ({ contents: path }));
  },
};
