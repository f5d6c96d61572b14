import type { NormalizedSchema } from "@smithy/core/schema";
import { Ec2Error } from "../error.ts";
import { requiredMembers } from "./operation.ts";

/** `Filter.1.Value.2=x` as a tree of its dotted parts. */
export interface FormNode {
  value?: string;
  parts: Map<string, FormNode>;
}

/** A value by its schema; `at` is the parameter's full name, for messages. */
export type FormReader = (node: FormNode, at: string) => unknown;

/** A parameter given twice is an error on AWS too; the last dotted part holds the value. */
export function formTree(parameters: Iterable<[string, string]>): FormNode {
  const root: FormNode = { parts: new Map() };
  for (const [name, value] of parameters) {
    let node = root;
    for (const part of name.split(".")) {
      let next = node.parts.get(part);
      if (!next) {
        next = { parts: new Map() };
        node.parts.set(part, next);
      }
      node = next;
    }
    if (node.value !== undefined) {
      throw new Ec2Error("InvalidParameterCombination", `The parameter ${name} may only be specified once`);
    }
    node.value = value;
  }
  return root;
}

/** Made once for each structure; the SDK's schemas are constants. */
const structs = new WeakMap<object, FormReader>();

/** How to read a value of this schema from a form. https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
export function formReader(schema: NormalizedSchema): FormReader {
  if (schema.isStructSchema()) return structReader(schema);
  if (schema.isListSchema()) return listReader(formReader(schema.getValueSchema()));
  if (schema.isBooleanSchema()) return simple(readBoolean);
  if (schema.isNumericSchema()) return simple(readNumber);
  if (schema.isTimestampSchema()) return simple(readTime);
  if (schema.isBlobSchema()) return simple(readBlob);
  return simple((text) => text);
}

function structReader(schema: NormalizedSchema): FormReader {
  const key = schema.getSchema() as object;
  const known = structs.get(key);
  if (known) return known;
  // Members are looked at on first use: structures may hold themselves.
  let members: Map<string, { name: string; read: FormReader }> | undefined;
  const required: { name: string; key: string; label: string }[] = [];
  const open = () => {
    members = new Map();
    const must = requiredMembers(schema);
    for (const [name, member] of schema.structIterator()) {
      const traits = member.getMergedTraits();
      const wire = String(traits.ec2QueryName ?? capitalised(String(traits.xmlName ?? name)));
      members.set(wire, { name, read: formReader(member) });
      if (must.has(name)) required.push({ name, key: wire, label: label(wire, member) });
    }
    return members;
  };
  const read: FormReader = (node, at) => {
    const wanted = members ?? open();
    if (node.value) throw unknown(at);
    const result: Record<string, unknown> = {};
    for (const [part, child] of node.parts) {
      const path = at ? `${at}.${part}` : part;
      const member = wanted.get(part);
      if (!member) throw unknown(path);
      result[member.name] = member.read(child, path);
    }
    const missing = required.find(({ name }) => result[name] === undefined);
    if (missing) throw missingParameter(at ? `${at}.${missing.key}` : missing.label);
    return result;
  };
  structs.set(key, read);
  return read;
}

/** Lists are `Name.1`, `Name.2`...; an empty value is the empty list. Numbers may leave gaps, as on AWS. */
function listReader(read: FormReader): FormReader {
  return (node, at) => {
    if (node.value) throw unknown(at);
    const indexes = [...node.parts.keys()];
    const odd = indexes.find((index) => !/^[0-9]{1,5}$/.test(index));
    if (odd !== undefined) throw unknown(`${at}.${odd}`);
    return indexes
      .sort((a, b) => Number(a) - Number(b))
      .map((index) => read(node.parts.get(index)!, `${at}.${index}`));
  };
}

function simple(read: (text: string, at: string) => unknown): FormReader {
  return (node, at) => {
    const [part] = node.parts.keys();
    if (part !== undefined) throw unknown(`${at}.${part}`);
    return read(node.value ?? "", at);
  };
}

function readBoolean(text: string, at: string): boolean {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw malformed(text, at, "Expecting a boolean");
}

function readNumber(text: string, at: string): number {
  if (!/^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text)) throw malformed(text, at, "Expecting a number");
  return Number(text);
}

function readTime(text: string, at: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw malformed(text, at, "Expecting an ISO 8601 time");
  return time;
}

function readBlob(text: string, at: string): Uint8Array {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw malformed(text, at, "Expecting base64");
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** EC2 names a missing parameter as its own code does: `resourceIdSet` for `ResourceId.N`, `cidrBlock` for `CidrBlock`. */
function label(wire: string, member: NormalizedSchema): string {
  const lower = wire.charAt(0).toLowerCase() + wire.slice(1);
  return member.isListSchema() ? `${lower}Set` : lower;
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function missingParameter(name: string): Ec2Error {
  return new Ec2Error("MissingParameter", `The request must contain the parameter ${name}`);
}

function unknown(name: string): Ec2Error {
  return new Ec2Error("UnknownParameter", `The parameter ${name} is not recognized`);
}

function malformed(text: string, at: string, wanted: string): Ec2Error {
  return new Ec2Error("InvalidParameterValue", `Value (${text}) for parameter ${at} is invalid. ${wanted}.`);
}
