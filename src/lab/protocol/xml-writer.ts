import type { NormalizedSchema } from "@smithy/core/schema";

/** Appends the XML inside a value's element to `out`, piece by piece: one join at the end is far quicker than nesting. */
type Emit = (value: unknown, out: string[]) => void;

/** Made once for each structure; the SDK's schemas are constants. */
const structs = new WeakMap<object, Emit>();

/**
 * A value of this schema as XML, without an element around it: absent members are left out, empty lists are empty elements.
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export function writeXml(schema: NormalizedSchema, value: unknown): string {
  const out: string[] = [];
  emitter(schema)(value, out);
  return out.join("");
}

function emitter(schema: NormalizedSchema): Emit {
  if (schema.isStructSchema()) return structEmitter(schema);
  if (schema.isListSchema()) return listEmitter(schema);
  if (schema.isTimestampSchema()) return simple((value) => (value as Date).toISOString());
  if (schema.isBlobSchema()) return simple((value) => Buffer.from(value as Uint8Array).toString("base64"));
  if (schema.isStringSchema()) return simple((value) => escapeXml(String(value)));
  return simple(String);
}

function simple(text: (value: unknown) => string): Emit {
  return (value, out) => {
    const written = text(value);
    if (written !== "") out.push(written);
  };
}

function structEmitter(schema: NormalizedSchema): Emit {
  const key = schema.getSchema() as object;
  const known = structs.get(key);
  if (known) return known;
  // Members are looked at on first use: structures may hold themselves.
  let members: { name: string; emit: Emit }[] | undefined;
  const open = () => {
    members = [...schema.structIterator()].map(([name, member]) => ({
      name,
      emit: element(String(member.getMergedTraits().xmlName ?? name), emitter(member)),
    }));
    return members;
  };
  const emit: Emit = (value, out) => {
    const record = value as Record<string, unknown>;
    for (const member of members ?? open()) {
      const part = record[member.name];
      if (part !== undefined && part !== null) member.emit(part, out);
    }
  };
  structs.set(key, emit);
  return emit;
}

function listEmitter(schema: NormalizedSchema): Emit {
  const item = schema.getValueSchema();
  const emit = element(String(item.getMergedTraits().xmlName ?? "member"), emitter(item));
  return (value, out) => {
    for (const each of value as unknown[]) emit(each, out);
  };
}

/** An element of that name around what `inner` writes; where that is nothing, an empty one. */
function element(tag: string, inner: Emit): Emit {
  const [open, close, empty] = [`<${tag}>`, `</${tag}>`, `<${tag}/>`];
  return (value, out) => {
    const start = out.push(open);
    inner(value, out);
    if (out.length > start) out.push(close);
    else out[start - 1] = empty;
  };
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#xD;",
};

/** Text for an element. What XML 1.0 cannot hold in any form becomes U+FFFD. */
export function escapeXml(text: string): string {
  if (!/[&<>"'\r]|[^\t\n\x20-\uD7FF\uE000-\uFFFD]/.test(text)) return text;
  return text.replace(/[&<>"'\r]/g, (found) => entities[found]!).replace(/[^\t\n\r\x20-\uFFFD]/g, "\uFFFD");
}
