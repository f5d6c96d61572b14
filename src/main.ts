import module from "node:module";
import { version } from "./version.ts";

// What scripts ask most often is answered without loading the program.
const [only, ...more] = process.argv.slice(2);
if ((only === "--version" || only === "-V") && more.length === 0) process.stdout.write(`${version}\n`);
else {
  // From Node 22.1 on, what was compiled is kept for the next time.
  (module as { enableCompileCache?(): unknown }).enableCompileCache?.();
  const { start } = await import("./start.ts");
  await start(version);
}
