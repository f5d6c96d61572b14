import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let root: string;
const at = (...path: string[]) => join(root, ...path);

/** Installs what the lockfile names, as npm does, less what is optional; fails where FAKE_NPM_FAILS is set. */
const fakeNpm = `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
if (process.env.FAKE_NPM_FAILS) { console.error("npm error network"); process.exit(7); }
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const kept = Object.entries(packages).filter(([path, { optional }]) => path !== "" && !optional);
mkdirSync("node_modules", { recursive: true });
writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: Object.fromEntries(kept) }));
`;
const fakeBuild = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
appendFileSync("build.log", "built\\n");
if (process.env.FAKE_BUILD_FAILS) { console.error("does not compile"); process.exit(1); }
mkdirSync("dist", { recursive: true });
writeFileSync("dist/main.cjs", "");
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "peerctl-setup-test-"));
  for (const folder of ["scripts", "src", "src/net", "fake"]) mkdirSync(at(folder));
  writeFileSync(at("package.json"), '{"type":"module"}');
  lock({
    "": {},
    "node_modules/a": { version: "1.0.0" },
    "node_modules/b": { version: "1.0.0", optional: true },
  });
  writeFileSync(at("src", "net", "a.ts"), "");
  writeFileSync(at("scripts", "build.js"), fakeBuild);
  copyFileSync(resolve("scripts/setup.js"), at("scripts", "setup.js"));
  writeFileSync(at("fake", "package.json"), '{"type":"commonjs"}');
  writeFileSync(at("fake", "npm"), fakeNpm, { mode: 0o755 });
  for (const path of ["package.json", "package-lock.json", "src/net/a.ts", "src/net", "src"]) age(path);
  for (const path of ["scripts/build.js", "scripts/setup.js", "scripts"]) age(path);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function lock(packages: Record<string, object>): void {
  writeFileSync(at("package-lock.json"), JSON.stringify({ packages }));
}

/** Sets a file's time an hour back, so that what is written now is newer, whatever the clock's grain. */
function age(path: string): void {
  const then = Date.now() / 1000 - 3600;
  utimesSync(at(path), then, then);
}

function setUp(env: NodeJS.ProcessEnv = {}) {
  const path = `${at("fake")}${delimiter}${process.env.PATH}`;
  // From another folder: it works on its own repository, wherever it is started.
  const options = { cwd: tmpdir(), env: { ...process.env, PATH: path, ...env }, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [at("scripts", "setup.js")], options);
  const count = (log: string) =>
    existsSync(at(log)) ? readFileSync(at(log), "utf8").trim().split("\n").length : 0;
  return { status, stdout, stderr, installs: count("npm.log"), builds: count("build.log") };
}

it("installs and builds in a fresh clone, and then is quiet", () => {
  expect(setUp()).toMatchObject({ status: 0, stdout: "", installs: 1, builds: 1 });
  expect(readFileSync(at("npm.log"), "utf8")).toMatch(/^ci --include=dev --ignore-scripts /);
  expect(setUp()).toEqual({ status: 0, stdout: "", stderr: "", installs: 1, builds: 1 });
});

it.each([
  ["another version", { "node_modules/a": { version: "1.0.1" } }],
  ["a new package", { "node_modules/a": { version: "1.0.0" }, "node_modules/c": { version: "1.0.0" } }],
])("installs again for %s in the lockfile", (_what, packages) => {
  setUp();
  lock({ "": {}, ...packages });
  age("package-lock.json");
  expect(setUp()).toMatchObject({ status: 0, installs: 2, builds: 1 });
});

it("installs again where node_modules was cut off", () => {
  setUp();
  writeFileSync(at("node_modules", ".package-lock.json"), '{"packages": {"node_mod');
  expect(setUp()).toMatchObject({ status: 0, installs: 2 });
});

it.each([
  ["a source is newer", () => writeFileSync(at("src", "net", "a.ts"), "changed")],
  ["a source is gone", () => rmSync(at("src", "net", "a.ts"))],
  ["the build itself is newer", () => writeFileSync(at("scripts", "build.js"), `${fakeBuild}\n`)],
  ["dist is gone", () => rmSync(at("dist"), { recursive: true })],
])("builds again where %s", (_what, change) => {
  setUp();
  age("dist/main.cjs");
  for (const path of ["src/net/a.ts", "src/net", "src", "scripts", "scripts/setup.js", "scripts/build.js"]) {
    utimesSync(at(path), 1, 1);
  }
  expect(setUp()).toMatchObject({ builds: 1 });
  change();
  expect(setUp()).toMatchObject({ status: 0, installs: 1, builds: 2 });
});

it("says in one line what failed and what to do", () => {
  const install = setUp({ FAKE_NPM_FAILS: "1" });
  expect(install).toMatchObject({ status: 1, stdout: "", builds: 0 });
  expect(install.stderr).toContain("npm error network");
  expect(install.stderr).toMatch(/\nsetup: npm ci failed: exit code 7; look at .* then run: npm ci\n$/);
  const build = setUp({ FAKE_BUILD_FAILS: "1" });
  expect(build.status).toBe(1);
  expect(build.stderr).toMatch(/\nsetup: .*build\.js failed: exit code 1; .* npm run build\n$/);
  rmSync(at("package-lock.json"));
  expect(setUp()).toMatchObject({
    status: 1,
    stderr: "setup: there is no package-lock.json; run this in a clone of the repository\n",
  });
});
