import { readdirSync } from "node:fs";
import { readProjectFile } from "./sources.ts";

const { files } = JSON.parse(readProjectFile("package.json")) as { files: readonly string[] };

/** What is in the npm package beside package.json: files and folders. */
export const packed = files;

/** The pages of Markdown among them. */
export const pages: readonly string[] = [
  ...files.filter((name) => name.endsWith(".md")),
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
