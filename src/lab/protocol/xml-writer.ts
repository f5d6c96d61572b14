import type { NormalizedSchema } from "@smithy/core/schema";

/** The XML inside a value's element. */
export type XmlWriter = (value: unknown) => string;

/** Made once for each structure; the SDK's schemas are constants. */
const structs = new WeakMap<object, XmlWriter>();

/**
 * How to write a value of this schema as XML: absent members are left out, empty lists are empty elements.
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export function xmlWriter(schema: NormalizedSchema): XmlWriter {
  if (schema.isStructSchema()) return structWriter(schema);
  if (schema.isListSchema()) return listWriter(schema);
  if (schema.isTimestampSchema()) return (value) => (value as Date).toISOString();
  if (schema.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString("base64");
  if (schema.isStringSchema()) return (value) => escapeXml(String(value));
  return String;
}

function structWriter(schema: NormalizedSchema): XmlWriter {
  const key = schema.getSchema() as object;
  const known = structs.get(key);
  if (known) return known;
  // Members are looked at on first use: structures may hold themselves.
  let members: { name: string; tag: string; write: XmlWriter }[] | undefined;
  const open = () => {
    members = [...schema.structIterator()].map(([name, member]) => ({
      name,
      tag: String(member.getMergedTraits().xmlName ?? name),
      write: xmlWriter(member),
    }));
    return members;
  };
  const write: XmlWriter = (value) => {
    const record = value as Record<string, unknown>;
    let xml = "";
    for (const member of members ?? open()) {
      const part = record[member.name];
      if (part !== undefined && part !== null) xml += element(member.tag, member.write(part));
    }
    return xml;
  };
  structs.set(key, write);
  return write;
}

function listWriter(schema: NormalizedSchema): XmlWriter {
  const item = schema.getValueSchema();
  const tag = String(item.getMergedTraits().xmlName ?? "member");
  const write = xmlWriter(item);
  return (value) => {
    let xml = "";
    for (const each of value as unknown[]) xml += element(tag, write(each));
    return xml;
  };
}

function element(tag: string, inner: string): string {
  return inner === "" ? `<${tag}/>` : `<${tag}>${inner}</${tag}>`;
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
