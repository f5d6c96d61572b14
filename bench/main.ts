import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { calls } from "./calls.ts";
import { doctor } from "./doctor.ts";
import { lab } from "./lab.ts";
import { packets } from "./packets.ts";
import { type Row, table } from "./row.ts";
import { scale } from "./scale.ts";
import { start } from "./start.ts";
import { terraform } from "./terraform.ts";

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

// Throws for an option that there is not, before anything is measured.
const { values, positionals: only } = parseArgs({
  options: { json: { type: "boolean" }, help: { type: "boolean" } },
  allowPositionals: true,
});
const usage = `npm run bench -- [--json] [${Object.keys(parts).join("] [")}]`;
const unknown = only.find((name) => !parts[name]);
if (values.help || unknown) {
  process.stderr.write(unknown ? `there is no part "${unknown}": ${usage}\n` : `${usage}\n`);
  process.exit(unknown ? 1 : 0);
}

const rows: Row[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (only.length > 0 && !only.includes(name)) continue;
  process.stderr.write(`measuring: ${name}\n`);
  rows.push(...(await measure()));
}
const [cpu] = cpus();
const machine = `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, ${process.platform}`;
process.stdout.write(
  values.json ? `${JSON.stringify({ machine, rows }, undefined, 2)}\n` : `${machine}\n\n${table(rows)}\n`,
);
process.exitCode = rows.some(({ verdict }) => verdict === "missed") ? 2 : 0;
