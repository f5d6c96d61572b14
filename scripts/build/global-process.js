/**
 * An esbuild plugin: `node:process` as the global `process`, which is the same object. Importing the module makes Node look
 * at each of its members, and so open standard input, which takes longer than all else that a short command does.
 */
export const globalProcess = {
  name: "global-process",
  setup(build) {
    build.onResolve({ filter: /^(node:)?process$/ }, () => ({ path: "process", namespace: "global" }));
    build.onLoad({ filter: /.*/, namespace: "global" }, () => ({ contents: "module.exports = process;" }));
  },
};
