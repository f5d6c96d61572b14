import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { peerctl, place } from "./place.ts";
import { median, type Row, row, times } from "./row.ts";

const rounds = 21;

/** How long commands take from spawn to exit against Node's own start, and how large they are. */
export async function start(): Promise<Row[]> {
  const at = place();
  try {
    await at.succeed(["lab", "start", "--port", "0"]);
    await at.succeed(["--lab", "up"]);
    const commands = [
      ["-e", "0"],
      [peerctl, "--version"],
      [peerctl, "--help"],
      [peerctl, "--lab", "status", "--json"],
    ];
    const [node, version, help, status] = await interleaved(commands, at);
    const memory = [];
    for (const args of [
      ["--lab", "status", "--json"],
      ["--lab", "up"],
      ["--lab", "test-ping"],
      ["--lab", "down"],
    ]) {
      memory.push({ command: args[1]!, mb: (await at.succeed(args)).peakMb });
    }
    const most = memory.reduce((a, b) => (a.mb > b.mb ? a : b));
    const against = (ms: number) => `${times(ms / node!)} (${ms.toFixed(0)} ms, node ${node!.toFixed(0)} ms)`;
    return [
      row(
        "peerctl --version",
        version! / node!,
        { most: 1.35 },
        {
          goal: "<= 1.35 x node -e 0",
          measured: against(version!),
        },
      ),
      { what: "peerctl --help", goal: "", measured: against(help!), verdict: "-" },
      row(
        "peerctl status --json, lab running",
        status! / node!,
        { most: 2.5 },
        {
          goal: "<= 2.5 x node -e 0",
          measured: against(status!),
        },
      ),
      row(
        "peak memory of a command",
        most.mb,
        { most: 90 },
        {
          goal: "< 90 MB",
          measured: memory.map(({ command, mb }) => `${command} ${mb.toFixed(0)} MB`).join(", "),
        },
      ),
      size(),
    ];
  } finally {
    await at.peerctl(["lab", "stop"]);
    at.remove();
  }
}

/** Each command once, again and again, so that what else the machine does meets all of them alike: the medians. */
async function interleaved(commands: readonly string[][], at: ReturnType<typeof place>): Promise<number[]> {
  const took = commands.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, args] of commands.entries()) {
      const began = performance.now();
      const child = spawn(process.execPath, args, { env: at.env, cwd: at.folder, stdio: "ignore" });
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
    {
      goal: "< 1.2 MB",
      measured: `${(bytes / 1e6).toFixed(2)} MB`,
    },
  );
}
