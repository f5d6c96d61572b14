import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { describeCause, UserError } from "../errors.ts";
import { type State, StateFile, schemaVersion } from "./schema.ts";

/**
 * The state at `path`, or undefined where there is no file. Takes no lock and writes nothing: what it returns was true
 * when it was read. Anything but a whole, valid file is a UserError, because an empty state in its place would orphan
 * what the file knew of.
 */
export async function readState(path: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new UserError(
      `cannot read the state file ${path}: ${describeCause(cause)}`,
      "make it readable, or name another with --state FILE",
      { cause },
    );
  }
  return parseState(text, path);
}

function parseState(text: string, path: string): State {
  if (text.trim() === "") throw damaged(path, "it is empty");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, `it is not JSON (${describeCause(cause).replace(/\s+/g, " ")})`, { cause });
  }
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), content);
  if (version.success && version.output.schemaVersion > schemaVersion) {
    throw new UserError(
      `the state file ${path} was made by a newer peerctl (version ${version.output.schemaVersion} of the file; this one knows ${schemaVersion})`,
      "update peerctl: npm install --global peerctl@latest",
    );
  }
  const result = v.safeParse(StateFile, content);
  if (!result.success) {
    const [issue] = result.issues;
    throw damaged(path, `${v.getDotPath(issue) ?? "its content"}: ${issue.message}`);
  }
  return result.output;
}

function damaged(path: string, why: string, options?: ErrorOptions): UserError {
  return new UserError(
    `the state file ${path} is damaged: ${why}`,
    "restore it from a copy; or move it away and rebuild it from the stack's tags: peerctl recover --name NAME",
    options,
  );
}
