import type { Aws } from "./aws.ts";
import { describeKind, type LiveKind, type LiveRows } from "./live.ts";

/** By which filter a kind's Describe finds an id. */
const idFilter: Readonly<Record<LiveKind, string>> = {
  vpc: "vpc-id",
  subnet: "subnet-id",
  "internet-gateway": "internet-gateway-id",
  "route-table": "route-table-id",
  peering: "vpc-peering-connection-id",
  "security-group": "group-id",
  instance: "instance-id",
  address: "allocation-id",
};

/** The rows with these ids, less those that are dead but still shown; one that is not there is no error. */
export function describeByIds<Kind extends LiveKind>(
  aws: Aws,
  kind: Kind,
  ids: readonly string[],
): Promise<LiveRows[Kind][]> {
  return inPortions(ids, (Values) => describeKind[kind](aws, [{ Name: idFilter[kind], Values }]));
}

/** A filter takes 200 values: asks for each 200 of `ids`, and not at all where there are none. */
export async function inPortions<Row>(
  ids: readonly string[],
  ask: (portion: string[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < ids.length; start += 200)
    rows.push(...(await ask(ids.slice(start, start + 200))));
  return rows;
}
