import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Source {
  /** From the project's root, with slashes: `src/aws/aws.ts`. */
  path: string;
  text: string;
}

export function readProjectFile(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Every TypeScript file under a folder of the project. */
export function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name).split(sep).join("/"))
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readProjectFile(path) }));
}

export function withoutComments({ text }: Source): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

export interface Import {
  /** A path from the project's root for a file of ours, else the package's name as written. */
  target: string;
  typeOnly: boolean;
}

/** What a file imports: static, dynamic and re-exports. */
export function importsOf({ path, text }: Source): Import[] {
  const statements = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm),
    ...text.matchAll(/(?<![\w.])import\((\s*)"([^"]+)"\)/g),
  ];
  return statements.map(([, type, name]) => ({
    target: name!.startsWith(".") ? resolved(path, name!) : name!,
    typeOnly: type?.trim() === "type",
  }));
}

function resolved(from: string, name: string): string {
  return relative(root, join(root, dirname(from), name))
    .split(sep)
    .join("/");
}
