import { execFileSync } from "node:child_process";

/** Before all tests: dist is built anew where src is newer. Does nothing, in milliseconds, where it is not. */
export function setup(): void {
  execFileSync(process.execPath, ["scripts/setup.js"], { stdio: ["ignore", "inherit", "inherit"] });
}
