import { homedir } from "node:os";
import { join } from "node:path";

/** Where what was compiled is kept, as XDG_CACHE_HOME: one place for all tests, as each has a home of its own. */
export const compileCache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
