import { version } from "./version.ts";

// What scripts ask most often is answered without loading the program.
const [only, ...more] = process.argv.slice(2);
if ((only === "--version" || only === "-V") && more.length === 0) process.stdout.write(`${version}\n`);
else void run();

async function run(): Promise<void> {
  const { loader } = await import("./compiled.ts");
  const load = loader(__dirname, compileCache());
  const { start } = load("./start.cjs") as typeof import("./start.ts");
  await start(version);
}

/** By the same variable as Node's own one it is not used. */
function compileCache(): string | undefined {
  const { XDG_CACHE_HOME, HOME, NODE_DISABLE_COMPILE_CACHE } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  return cache && !NODE_DISABLE_COMPILE_CACHE ? `${cache}/peerctl` : undefined;
}
