import { readFileSync } from "node:fs";
import { parse as parseDotenv } from "dotenv";
import { describeCause, UserError } from "../errors.ts";
import type { Setting, Source } from "./setting.ts";

/** What was written for a setting: items for a list, else text; `1` where a switch's flag was typed. */
export interface Found {
  written: string | readonly string[];
  source: Source;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** `value` is what commander has under the option's attribute name; `flag` its long form. */
export function fromFlag(value: unknown, flag: string, setting: Setting): Found | undefined {
  const source: Source = { name: flag, kind: "flag" };
  // Commander says `true` for a `--no-...` that was not typed.
  if (setting.kind === "switch") return value === !setting.default ? { written: "1", source } : undefined;
  return typeof value === "string" || Array.isArray(value) ? { written: value, source } : undefined;
}

/** An empty variable is one that is not set, as for the AWS CLI. */
export function fromVariables(
  setting: Setting,
  variables: Variables,
  kind: Source["kind"],
): Found | undefined {
  for (const name of setting.env) {
    const text = variables[name]?.trim();
    if (!text) continue;
    const written = setting.kind === "list" ? text.split(/[\s,]+/).filter((item) => item !== "") : text;
    return { written, source: { name, kind } };
  }
  return undefined;
}

/** The variables of a `.env` file, without those that `env` has, be they empty there. No file, no variables. */
export function readDotenv(path: string, env: Variables): Variables {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    // Python's virtual environments are often folders of that name.
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "EISDIR") return {};
    throw new UserError(`cannot read ${path}: ${describeCause(cause)}`, "make it readable, or remove it", {
      cause,
    });
  }
  return Object.fromEntries(Object.entries(parseDotenv(content)).filter(([name]) => env[name] === undefined));
}
