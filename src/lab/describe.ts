import type { Filter } from "@aws-sdk/client-ec2";
import type { Call } from "./action.ts";
import { Ec2Error } from "./error.ts";
import { type KindName, kinds } from "./kinds.ts";
import { isShown } from "./transition.ts";

/** What a filter's name looks at: the row's values under it. Numbers and booleans as text. */
export type FilterFields<Row> = Readonly<
  Record<string, (row: Row) => string | undefined | readonly (string | undefined)[]>
>;

interface Selection {
  ids?: readonly string[];
  filters?: readonly Filter[];
  maxResults?: number;
  nextToken?: string;
}

/**
 * The rows that a Describe of `name` shows for these ids, filters and page, as EC2 has it: an unknown id is NotFound, an
 * unknown filter is InvalidParameterValue, values of one filter are alternatives (with `*` and `?`), filters are joined by
 * "and". `tag:KEY` and `tag-key` need no field.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
export function select<Row>(
  call: Call,
  name: KindName,
  rows: ReadonlyMap<string, Row>,
  { ids, filters, maxResults, nextToken }: Selection,
  fields: FilterFields<Row>,
): { rows: [id: string, row: Row][]; nextToken?: string } {
  const visible = [...rows].filter(([id]) => isShown(call, id));
  if (ids?.length) refuseUnknownIds(name, new Set(visible.map(([id]) => id)), ids);
  const tests = (filters ?? []).map((filter) => filterTest(call, filter, fields));
  const wanted = visible.filter(
    ([id, row]) => (!ids?.length || ids.includes(id)) && tests.every((test) => test(id, row)),
  );
  return page(wanted, maxResults, nextToken);
}

function refuseUnknownIds(name: KindName, known: ReadonlySet<string>, ids: readonly string[]): void {
  const { prefix, malformed, notFound, noun } = kinds[name];
  const odd = ids.find((id) => !id.startsWith(`${prefix}-`));
  if (odd !== undefined) {
    throw new Ec2Error(malformed, `Invalid id: "${odd}" (expecting "${prefix}-...")`);
  }
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return;
  const list = missing.join(", ");
  const text = missing.length === 1 ? `'${list}' does not exist` : `'${list}' do not exist`;
  throw new Ec2Error(notFound, `The ${noun}${missing.length === 1 ? "" : "s"} ${text}`);
}

/** Whether a row passes one filter; `select` does this for rows that have a table. */
export function filterTest<Row>(
  call: Call,
  filter: Filter,
  fields: FilterFields<Row>,
): (id: string, row: Row) => boolean {
  const name = filter.Name ?? "";
  const patterns = (filter.Values ?? []).map(wildcard);
  const matches = (values: readonly (string | undefined)[]) =>
    values.some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
  if (name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return (id) => matches([call.tables.tags.get(id)?.get(key)]);
  }
  if (name === "tag-key") return (id) => matches([...(call.tables.tags.get(id)?.keys() ?? [])]);
  const field = fields[name];
  if (!field) throw new Ec2Error("InvalidParameterValue", `The filter '${name}' is invalid`);
  return (_id, row) => {
    const value = field(row);
    return matches(typeof value === "object" ? value : [value]);
  };
}

/** EC2's filter wildcards: `*` any text, `?` any one character, a backslash takes either literally. */
export function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([*?\\])|[*?]|[.+^${}()|[\]\\]/g, (found, escaped) =>
    escaped ? `\\${escaped}` : found === "*" ? "[\\s\\S]*" : found === "?" ? "[\\s\\S]" : `\\${found}`,
  );
  return new RegExp(`^${source}$`);
}

/**
 * One page of `rows`. EC2 takes MaxResults from 5 to 1000; a token that it never gave is InvalidNextToken.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
 */
export function page<Row>(
  rows: readonly Row[],
  maxResults: number | undefined,
  nextToken: string | undefined,
): { rows: Row[]; nextToken?: string } {
  if (maxResults !== undefined && (maxResults < 5 || maxResults > 1000)) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value ( ${maxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  }
  const place = nextToken === undefined ? "0" : Buffer.from(nextToken, "base64url").toString();
  const start = Number(place);
  if (!/^\d{1,9}$/.test(place)) {
    throw new Ec2Error("InvalidNextToken", "The token provided is invalid or has expired.");
  }
  const end = start + (maxResults ?? rows.length);
  const more = end < rows.length ? { nextToken: Buffer.from(String(end)).toString("base64url") } : {};
  return { rows: rows.slice(start, end), ...more };
}
