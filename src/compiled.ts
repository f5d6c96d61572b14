import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";

/**
 * Loads scripts from a folder, which ask for each other by `require("./name")`, and keeps what V8 compiled of each for the
 * next time, as much of a short command is compiling. What is kept is code that we run later: it must be in a folder in which
 * nobody else may write. Where there is none, all is compiled each time.
 *
 * @param scripts where they are, as an absolute path
 * @param kept the folder for what was compiled; made where it is missing
 */
export function loader(scripts: string, kept: string | undefined): (name: string) => unknown {
  const require = createRequire(join(scripts, "any.cjs"));
  const loaded = new Map<string, { exports: unknown }>();
  const fresh = new Map<string, Script>();
  const folder = kept && isOursAlone(kept) ? kept : undefined;
  // V8 takes what it compiled with the same version, flags and features of the processor, and that is what the tag stands for.
  const tag = `${cachedDataVersionTag()} ${process.version} ${process.arch}`;
  // At the end, when what the run came to is compiled.
  if (folder) process.once("exit", () => keep(folder, fresh));
  return load;

  function load(name: string): unknown {
    if (!name.startsWith("./")) return require(name);
    const known = loaded.get(name);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    const filename = join(scripts, name);
    compiled(filename).runInThisContext()(module.exports, load, module, filename, scripts);
    return module.exports;
  }

  function compiled(filename: string): Script {
    const source = readFileSync(filename);
    const text = `(function(exports,require,module,__filename,__dirname){${source}\n})`;
    if (!folder) return new Script(text, { filename });
    const file = join(folder, `${basename(filename)}-${digest(source, tag)}`);
    const cachedData = whole(file);
    const script = new Script(text, { filename, ...(cachedData && { cachedData }) });
    if (!cachedData || script.cachedDataRejected) fresh.set(file, script);
    return script;
  }
}

function isOursAlone(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

/** V8 sees what is of another version or other options, but not what is damaged: a digest stands before it. */
function whole(file: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const data = content.subarray(digestLength);
    return content.toString("latin1", 0, digestLength) === digest(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function keep(folder: string, fresh: ReadonlyMap<string, Script>): void {
  if (fresh.size === 0) return;
  try {
    for (const [file, script] of fresh) replace(file, script.createCachedData());
    prune(folder);
  } catch {
    // Full, read-only, or pruned by another process at the same time: the next run takes a little longer, no more.
  }
}

function replace(file: string, data: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, Buffer.concat([Buffer.from(digest(data), "latin1"), data]), { mode: 0o600 });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What was kept three months ago may be of a program that is not here any more. */
function prune(folder: string): void {
  const longAgo = Date.now() - 90 * 86_400_000;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (statSync(file).mtimeMs < longAgo) rmSync(file, { force: true });
  }
}

const digestLength = 40;

function digest(...parts: (string | Buffer)[]): string {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
