/**
 * An esbuild plugin: parts of Node that take time to load, and that libraries ask for without need.
 *
 * `node:process` becomes the global `process`, which is the same object: importing the module makes Node look at each of its
 * members, and so open standard input. Commander wants `node:child_process` for subcommands that are programs of their own,
 * of which there are none here.
 */
export const lightNode = {
  name: "light-node",
  setup(build) {
    const stub = (contents) => ({ path: contents, namespace: "light-node" });
    build.onResolve({ filter: /^(node:)?process$/ }, () => stub("module.exports = process;"));
    build.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes("/commander/") ? stub("module.exports = {};") : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "light-node" }, ({ path }) => ({ contents: path }));
  },
};
