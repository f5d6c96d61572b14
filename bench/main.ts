import { cpus, totalmem } from "node:os";
import { calls } from "./calls.ts";
import { doctor } from "./doctor.ts";
import { packets } from "./packets.ts";
import { type Row, table } from "./row.ts";
import { scale } from "./scale.ts";
import { start } from "./start.ts";
import { terraform } from "./terraform.ts";
import { lab } from "./throughput.ts";

/** Every part of the bench, in the order of the table. */
const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  start,
  lab,
  calls,
  scale,
  doctor,
  packets,
  terraform,
};

const words = process.argv.slice(2);
const only = words.filter((word) => !word.startsWith("--"));
const unknown = only.find((name) => !parts[name]);
if (unknown) throw new Error(`there is no part "${unknown}"; there are: ${Object.keys(parts).join(", ")}`);

const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (only.length > 0 && !only.includes(name)) continue;
  process.stderr.write(`measuring: ${name}\n`);
  rows.push(...(await measure()));
}
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, ${process.platform}`;
process.stdout.write(
  words.includes("--json")
    ? `${JSON.stringify({ machine, rows }, undefined, 2)}\n`
    : `${machine}\n\n${table(rows)}\n`,
);
process.exitCode = rows.some(({ verdict }) => verdict === "missed") ? 2 : 0;
