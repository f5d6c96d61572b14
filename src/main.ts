import module from "node:module";
import { version } from "./version.ts";

// What scripts ask most often is answered without loading the program.
const [only, ...more] = process.argv.slice(2);
if ((only === "--version" || only === "-V") && more.length === 0) process.stdout.write(`${version}\n`);
else {
  keepCompiled();
  const { start } = await import("./start.ts");
  await start(version);
}

/** From Node 22.1 on, what was compiled is kept for the next time, in a folder where nobody else may write. */
function keepCompiled(): void {
  const { enableCompileCache } = module as { enableCompileCache?(folder: string): unknown };
  const { XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (cache) enableCompileCache?.(`${cache}/peerctl`);
}
