// Makes a fresh clone ready to run: the dependencies of the lockfile in node_modules, and dist built from src. Says nothing
// where all is there. Uses nothing but Node itself, because it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (Number.parseInt(process.versions.node, 10) < 20) {
  fail(`Node ${process.versions.node} is too old`, "install Node 20 or newer");
}
if (!installed()) {
  say("installing what package-lock.json names (npm ci)");
  // Everything is a devDependency, and none of them needs its install script.
  const args = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  run("npm", args, "look at npm's message above, then run: npm ci");
}
if (!built()) {
  say("building dist");
  run(process.execPath, [join("scripts", "build.js")], "look at the message above, then run: npm run build");
}

/** Whether node_modules holds what package-lock.json names; only what is optional may be absent. */
function installed() {
  const wanted = packagesOf("package-lock.json");
  if (!wanted) fail("there is no package-lock.json", "run this in a clone of the repository");
  const there = packagesOf(join("node_modules", ".package-lock.json"));
  if (!there) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    const found = there[path];
    return found ? found.version === version : optional === true;
  });
}

/** The packages of a lockfile by path; undefined where the file is missing or cut off. */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch (error) {
    if (error.code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether dist is newer than all that it is made from. A folder's own time tells of files that are gone. */
function built() {
  const bundle = join(root, "dist", "main.cjs");
  if (!existsSync(bundle)) return false;
  const { mtimeMs } = statSync(bundle);
  return ["src", "scripts", "package.json", "package-lock.json"].every(
    (path) => newest(join(root, path)) <= mtimeMs,
  );
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

function run(command, args, remedy) {
  // npm's own output goes to stderr: stdout belongs to what runs after this.
  const how = { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" };
  const { status, signal, error } = spawnSync(command, args, how);
  if (status === 0) return;
  fail(`${command} ${args[0]} failed: ${error?.message ?? signal ?? `exit code ${status}`}`, remedy);
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(problem, remedy) {
  say(`${problem}; ${remedy}`);
  process.exit(1);
}
