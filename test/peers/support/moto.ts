import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { end } from "./lab.ts";
import { plainEnv } from "./run.ts";

/** A moto_server on a free port of 127.0.0.1. */
export async function startMoto(command: string): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "peerctl-moto-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(join(folder, "log"), "a");
  const child = spawn(command, ["-H", "127.0.0.1", "-p", String(port)], {
    env: plainEnv(),
    stdio: ["ignore", log, log],
  });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let waited = 0; !(await answers(url)); waited += 100) {
    if (child.exitCode !== null || waited > 60_000) {
      const said = readFileSync(join(folder, "log"), "utf8");
      await stop();
      throw new Error(`moto_server did not start: ${said}`);
    }
    await sleep(100);
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/data.json`)).ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

/** Free a moment ago: moto_server cannot tell which port it got by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
