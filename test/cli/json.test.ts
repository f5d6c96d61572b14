import { expect, test } from "vitest";
import { place } from "../support/program.ts";

const { peerctl, start } = place();

async function json(...args: string[]) {
  const { code, stdout, stderr } = await peerctl("--lab", "--json", ...args);
  return { code, data: JSON.parse(stdout) as Record<string, unknown>, stderr };
}

test("each command's result is one JSON document, and the prose goes to stderr", async () => {
  const up = await json("up");
  expect(up).toMatchObject({
    code: 0,
    data: {
      stack: { name: "peerctl", uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      account: "123456789012",
      region: "us-east-1",
      endpoint: "lab",
      made: 26,
      adopted: 0,
    },
  });
  expect(up.stderr).toContain("made 26");
  expect(Object.keys(up.data.resources as object)).toHaveLength(26);

  const status = await json("status");
  expect(status).toMatchObject({ code: 0, data: { inStep: true } });

  const dry = await json("up", "--dry-run");
  expect(dry).toMatchObject({ code: 0, data: { wouldMake: [] } });

  const ping = await json("test-ping", "--count", "2", "--interval", "0.2");
  expect(ping).toMatchObject({
    code: 0,
    data: {
      ok: true,
      pairs: [
        {
          from: "vpc-1",
          to: "vpc-2",
          blockers: [],
          summary: { transmitted: 2, received: 2, lossPercent: 0 },
          replies: [{ seq: 1 }, { seq: 2 }],
        },
      ],
    },
  });

  const part = await json("teardown", "eip");
  expect(part).toMatchObject({ code: 0, data: { removed: [{}] } });
  const lost = await json("test-ping", "--count", "1");
  expect(lost).toMatchObject({
    code: 2,
    data: { ok: false, pairs: [{ blockers: [{ remedies: [{ command: "peerctl --lab eip" }] }] }] },
  });

  const down = await json("down");
  expect(down).toMatchObject({ code: 0, data: { audit: { region: "us-east-1", left: [], usdAnHour: 0 } } });
  expect(down.data.removed).toHaveLength(13);

  const lab = await json("lab", "status");
  expect(lab).toMatchObject({
    code: 0,
    data: { running: true, url: expect.stringMatching(/^http:\/\/127/) },
  });
});

test("an error leaves stdout empty, also with --json", async () => {
  const { code, stdout, stderr } = await peerctl("--lab", "--json", "test-ping");
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("there is no state file");
});

test("lab env prints what other clients need; a shell can evaluate it", async () => {
  const { stdout } = await peerctl("lab", "env");
  expect(stdout).toMatch(/^export AWS_ENDPOINT_URL=http:\/\/127\.0\.0\.1:\d+$/m);
  const env = Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.replace("export ", "").split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
  // With these, peerctl itself needs no --lab.
  const { ended } = start(["--state", "env.json", "--name", "by-env", "up"], { env });
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  // It is the same lab by either name.
  const byFlag = await peerctl("--lab", "--state", "env.json", "status");
  expect(byFlag.code, byFlag.stderr).toBe(0);
  expect((await peerctl("--lab", "--state", "flag.json", "--name", "by-flag", "create-vpcs")).code).toBe(0);
  const byEnv = await start(["--state", "flag.json", "down"], { env }).ended;
  expect(byEnv.code, byEnv.stderr).toBe(0);
  const ping = await start(["--state", "env.json", "test-ping", "--count", "1"], { env }).ended;
  expect(ping.code, ping.stderr).toBe(0);
  const down = await start(["--state", "env.json", "down"], { env }).ended;
  expect(down.code, down.stderr).toBe(0);
});
