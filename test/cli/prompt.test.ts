import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { compileCache } from "../support/compile-cache.ts";
import { place } from "../support/program.ts";

/** The question before a real account is changed, in a real terminal: script(1) has one. */

const cli = place();
const bin = fileURLToPath(new URL("../../bin/peerctl.js", import.meta.url));
const hasTerminal = spawnSync("script", ["-qec", "test -t 0", "/dev/null"]).status === 0;
if (!hasTerminal) console.log("test/cli/prompt.test.ts: skipped, there is no script(1) of util-linux here");

/** What the lab is reached by, as by one of AWS's own names: only there a question is asked. */
const aws = createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const asking = request(
    `${cli.url}${url}`,
    { method, headers: { ...headers, host: "localhost" } },
    (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    },
  );
  incoming.pipe(asking);
});
const names = join(cli.folder, "names.mjs");

beforeAll(async () => {
  aws.listen(0, "127.0.0.1");
  await once(aws, "listening");
  writeFileSync(
    names,
    `import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
const { lookup } = dns;
dns.lookup = (name, ...more) => lookup(name.endsWith(".amazonaws.com") ? "127.0.0.1" : name, ...more);
syncBuiltinESMExports();
`,
  );
});
afterAll(() => aws.close());

/** Runs peerctl in a terminal; when it asks, these keys are pressed. */
async function answering(keys: string, args: readonly string[]) {
  const { port } = aws.address() as AddressInfo;
  const command = [process.execPath, bin, "--state", "asked.json", ...args].join(" ");
  const child = spawn("script", ["-qec", `exec ${command}`, "/dev/null"], {
    cwd: cli.folder,
    env: {
      PATH: process.env.PATH,
      HOME: cli.folder,
      XDG_CACHE_HOME: compileCache,
      TERM: "dumb",
      NODE_OPTIONS: `--import ${names}`,
      AWS_ENDPOINT_URL: `http://ec2.us-east-1.amazonaws.com:${port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "123456789012",
      AWS_SECRET_ACCESS_KEY: "lab",
      PEERCTL_CALLER_IP_URL: `${cli.url}/_lab/caller-ip`,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let shown = "";
  let isAnswered = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (isAnswered || !shown.includes("Go ahead? [y/N] ")) return;
    isAnswered = true;
    child.stdin.write(keys);
  });
  const [code] = await once(child, "close");
  return { code: code as number, shown: shown.replaceAll("\r", "") };
}

const left = () => readdirSync(cli.folder).filter((name) => name.startsWith("asked.json"));
const changes = async () => (await cli.calls()).filter(({ action }) => !/^(Describe|Get)/.test(action));

test.runIf(hasTerminal).each([
  ["n", "n\r", 1, /\npeerctl: nothing was changed\n {2}say yes to go ahead\n$/],
  ["Enter", "\r", 1, /\npeerctl: nothing was changed\n/],
  ["Ctrl-D", "\u0004", 1, /\[y\/N\] \n(?:\^D)?[\b]*peerctl: nothing was changed\n/],
  ["Ctrl-C", "\u0003", 130, /\npeerctl: SIGINT: stopped; nothing was made\n$/],
])("%s: nothing is made, and no file is left", async (_what, keys, expected, says) => {
  await cli.clearCalls();
  const { code, shown } = await answering(keys, ["up"]);
  expect(shown).toMatch(/Make 2 VPCs, .* in account 123456789012, us-east-1/);
  expect(shown).toMatch(says);
  expect(code, shown).toBe(expected);
  expect(left()).toEqual([]);
  expect(await changes()).toEqual([]);
});

test.runIf(hasTerminal)("y goes ahead, and Ctrl-C at the question of down leaves all as it is", async () => {
  const up = await answering("y\r", ["create-vpcs"]);
  expect(up.code, up.shown).toBe(0);
  await cli.clearCalls();
  const stopped = await answering("\u0003", ["down"]);
  expect(stopped.code, stopped.shown).toBe(130);
  expect(stopped.shown).toMatch(
    /\npeerctl: SIGINT: stopped; something may be left. Go on with the same command\n$/,
  );
  expect(left()).toEqual(["asked.json"]);
  expect(await changes()).toEqual([]);
  const down = await answering("yes\r", ["down"]);
  expect(down.code, down.shown).toBe(0);
  expect(left()).toEqual([]);
});
