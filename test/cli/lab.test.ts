import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { place } from "../support/program.ts";

const { peerctl, folder } = place({ withLab: false });
afterEach(() => peerctl("lab", "stop"));

test("commands that come at once share one lab, whoever starts it", async () => {
  const all = await Promise.all([1, 2, 3].map(() => peerctl("--lab", "--json", "status")));
  for (const { code, stderr } of all) expect(code, stderr).toBe(0);
  const { stdout } = await peerctl("lab", "status", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ running: true, timing: "instant" });
});

test("start, status, stop, start: the same address, and the tables are kept", async () => {
  expect(await peerctl("lab", "status")).toMatchObject({
    code: 0,
    stdout: "no lab is running; start one: peerctl lab start\n",
  });
  expect((await peerctl("lab", "env")).code).toBe(1);
  const started = await peerctl("lab", "start", "--port", "0", "--data-plane", "model");
  expect(started, started.stderr).toMatchObject({ code: 0 });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(started.stdout)![0];
  expect((await peerctl("lab", "start")).stdout).toContain(`the lab is running already: ${url}`);
  expect((await peerctl("--lab", "create-vpcs")).code).toBe(0);

  const stopped = await peerctl("lab", "stop");
  expect(stopped).toMatchObject({ code: 0, stdout: "" });
  expect(existsSync(join(folder, "lab", "lab.json"))).toBe(true);
  expect(existsSync(join(folder, "lab", "lab.json.lock"))).toBe(false);

  const again = await peerctl("lab", "start");
  expect(again.stdout).toContain(url);
  expect((await peerctl("--lab", "create-vpcs")).stderr).toContain("nothing to make, all is there");
  expect((await peerctl("--lab", "down")).code).toBe(0);
  expect((await peerctl("lab", "stop")).code).toBe(0);
  expect((await peerctl("lab", "stop")).stderr).toBe("no lab is running\n");
});

test("a lab that runs is not another one: what was asked for and is not so is told", async () => {
  const started = await peerctl("lab", "start", "--port", "0", "--data-plane", "model");
  const [, port] = /127\.0\.0\.1:(\d+)/.exec(started.stdout)!;
  const free = Number(port) === 65_535 ? 1024 : Number(port) + 1;
  const other = ["--timing", "aws", "--seed", "2", "--data-plane", "linux", "--port", String(free)];
  const refused = await peerctl("lab", "start", ...other);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(
    new RegExp(
      `^peerctl: a lab is running already, on port ${port}, not ${free}, with timing instant, not aws, ` +
        `with seed 1, not 2, with data plane model, not linux: http://127.0.0.1:${port} \\(pid \\d+\\)\n` +
        "  stop it first, its tables are kept: peerctl lab stop\n$",
    ),
  );
  expect((await peerctl("lab", "start", "--foreground")).stderr).toContain(
    "is running already, in the background",
  );
  const same = ["--timing", "instant", "--seed", "1", "--data-plane", "auto", "--port", port!];
  expect(await peerctl("lab", "start", ...same)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("is running already"),
  });
});
