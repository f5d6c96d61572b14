import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { peaks } from "./peaks.ts";
import { type Place, peerctl, place } from "./place.ts";
import { median, type Row, row, times, told } from "./row.ts";

const rounds = 21;

/** How long commands take from spawn to exit against Node's own start, how much memory they need, and how large they are. */
export async function start(): Promise<Row[]> {
  return [...(await startTimes()), ...(await peaks()), size()];
}

interface Command {
  args: readonly string[];
  /** On top of the place's environment. */
  env?: (at: Place) => NodeJS.ProcessEnv;
}

async function startTimes(): Promise<Row[]> {
  const at = place();
  try {
    await at.succeed(["lab", "start", "--port", "0"]);
    await at.succeed(["--lab", "up"]);
    const help = [peerctl, "--help"];
    const status = [peerctl, "--lab", "status", "--json"];
    const [node, ...took] = await interleaved(
      [
        { args: ["-e", "0"] },
        { args: [peerctl, "--version"] },
        { args: help },
        { args: status },
        { args: help, env: nothingCompiled },
        { args: status, env: nothingCompiled },
        { args: help, env: keepingNothing },
        { args: status, env: keepingNothing },
      ],
      at,
    );
    const ratio = (ms: number) => ms / node!;
    const against = (ms: number) => `${times(ratio(ms))} (${ms.toFixed(0)} ms, node ${node!.toFixed(0)} ms)`;
    const [version, warmHelp, warmStatus, ...other] = took;
    const [firstHelp, firstStatus, plainHelp, plainStatus] = other.map(against);
    const goal = (most: number) => ({ goal: `<= ${most} x node -e 0` });
    return [
      row(
        "peerctl --version",
        ratio(version!),
        { most: 1.35 },
        { ...goal(1.35), measured: against(version!) },
      ),
      told("peerctl --help", against(warmHelp!)),
      row(
        "peerctl status --json, lab running",
        ratio(warmStatus!),
        { most: 2.5 },
        { ...goal(2.5), measured: against(warmStatus!) },
      ),
      told("peerctl --help, the first time ever", firstHelp!),
      told("peerctl status --json, the first time ever", firstStatus!),
      told("peerctl --help, NODE_DISABLE_COMPILE_CACHE=1", plainHelp!),
      told("peerctl status --json, NODE_DISABLE_COMPILE_CACHE=1", plainStatus!),
    ];
  } finally {
    await at.peerctl(["lab", "stop"]);
    at.remove();
  }
}

/** A folder for what is compiled in which nothing is yet. */
const nothingCompiled = ({ folder }: Place) => ({ XDG_CACHE_HOME: mkdtempSync(join(folder, "compiled-")) });
const keepingNothing = () => ({ NODE_DISABLE_COMPILE_CACHE: "1" });

/** Each command once, again and again, so that what else the machine does meets all of them alike: the medians. */
async function interleaved(commands: readonly Command[], at: Place): Promise<number[]> {
  const took = commands.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { args, env }] of commands.entries()) {
      const all = { ...at.env, ...env?.(at) };
      const began = performance.now();
      const child = spawn(process.execPath, args, { env: all, cwd: at.folder, stdio: "ignore" });
      const [code] = (await once(child, "exit")) as [number];
      took[index]!.push(performance.now() - began);
      if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}`);
    }
  }
  return took.map(median);
}

function size(): Row {
  const files = readdirSync("dist").filter((file) => /\.c?js$/.test(file));
  const bytes = files.reduce((sum, file) => sum + statSync(join("dist", file)).size, 0);
  return row(
    "JavaScript shipped",
    bytes,
    { most: 1_200_000 },
    { goal: "< 1.2 MB", measured: `${(bytes / 1e6).toFixed(2)} MB` },
  );
}
