import { join } from "node:path";
import { type Place, peaksAreKnown, place } from "./place.ts";
import { type Row, row, told } from "./row.ts";

/** What a user may run, one after the other: the last undoes the rest, so that it can begin again. */
const commands = [
  { name: "--help", args: ["--help"] },
  { name: "lab start", args: ["lab", "start", "--port", "0"] },
  { name: "up", args: ["--lab", "up"] },
  { name: "up again", args: ["--lab", "up"] },
  { name: "up --dry-run", args: ["--lab", "up", "--dry-run"] },
  { name: "status", args: ["--lab", "status", "--json"] },
  { name: "test-ping", args: ["--lab", "test-ping", "--count", "1"] },
  { name: "connect", args: ["--lab", "connect", "vpc-1", "--", "true"] },
  { name: "doctor", args: ["--lab", "doctor"] },
  { name: "graph", args: ["--lab", "graph"] },
  { name: "recover", args: ["--lab", "recover", "--state", "recovered.json"] },
  { name: "down", args: ["--lab", "down", "--state", "recovered.json"] },
];

/** How much memory each command has at most: when all of it is compiled already, and the first time ever. */
export async function peaks(): Promise<Row[]> {
  const what = "peak memory of a command";
  if (!peaksAreKnown) return [told(what, "unknown: this machine has no /proc, which says it")];
  const at = place();
  try {
    const first = await onePass(at);
    const later = await onePass(at);
    return [peakRow(what, later), peakRow(`${what}, nothing compiled yet`, first)];
  } finally {
    await at.peerctl(["lab", "stop"]);
    at.remove();
  }
}

interface Peak {
  name: string;
  mb: number;
}

/** Each command has a folder of its own for what was compiled, so that none begins with what another one left there. */
async function onePass(at: Place): Promise<Peak[]> {
  const all: Peak[] = [];
  for (const { name, args } of commands) {
    const went = await at.succeed(args, { XDG_CACHE_HOME: join(at.folder, `compiled ${name}`) });
    all.push({ name, mb: went.peakMb });
  }
  return all;
}

function peakRow(what: string, all: readonly Peak[]): Row {
  const [most, ...others] = [...all].sort((a, b) => b.mb - a.mb);
  const said = ({ name, mb }: Peak) => `${name} ${mb.toFixed(0)}`;
  const measured = `${said(most!)} MB; ${others.map(said).join(", ")}`;
  return row(what, most!.mb, { most: 90 }, { goal: "< 90 MB", measured });
}
