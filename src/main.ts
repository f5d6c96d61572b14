import { version } from "./version.ts";

// What scripts ask most often is answered without loading the program.
const [only, ...more] = process.argv.slice(2);
if ((only === "--version" || only === "-V") && more.length === 0) process.stdout.write(`${version}\n`);
else {
  const { start } = await import("./start.ts");
  await start(version);
}
