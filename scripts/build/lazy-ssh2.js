/**
 * An esbuild plugin: ssh2 is a file of its own, `ssh2.cjs`, which is read when something of it is first used, and not where
 * it is imported. It is a fifth of the program, and tries out every cipher when it is loaded.
 */
export const lazySsh2 = {
  name: "lazy-ssh2",
  setup(build) {
    build.onResolve({ filter: /^ssh2$/ }, ({ path }) => ({ path, namespace: "lazy", sideEffects: false }));
    build.onResolve({ filter: /^\.\/ssh2\.cjs$/ }, ({ path }) => ({ path, external: true }));
    build.onLoad({ filter: /.*/, namespace: "lazy" }, () => ({ contents: lazy }));
  },
};

const lazy = `
export default {
  get Client() { return require("./ssh2.cjs").Client; },
  get Server() { return require("./ssh2.cjs").Server; },
  get utils() { return require("./ssh2.cjs").utils; },
};`;
