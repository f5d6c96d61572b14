import { NormalizedSchema } from "@smithy/core/schema";
import type { $SchemaRef, StaticOperationSchema } from "@smithy/types";

/** The schema of an operation's input or output. Operation = [9, namespace, name, traits, input, output]. */
export function inputOf(schema: StaticOperationSchema): NormalizedSchema {
  return NormalizedSchema.of(schema[4]);
}

export function outputOf(schema: StaticOperationSchema): NormalizedSchema {
  return NormalizedSchema.of(schema[5]);
}

/** The names of a structure's required members: the SDK lists them first and says how many they are. */
export function requiredMembers(struct: NormalizedSchema): ReadonlySet<string> {
  const schema: unknown = struct.getSchema();
  if (!Array.isArray(schema)) return new Set();
  const [, , , , names, , count] = schema as [0, 0, 0, 0, string[], $SchemaRef[], number?];
  return new Set(names.slice(0, count ?? 0));
}
