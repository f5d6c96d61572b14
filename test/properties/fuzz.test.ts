import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { ec2Actions } from "../../src/lab/actions/index.ts";
import { modelDataPlane } from "../../src/lab/data-plane/model.ts";
import { instant } from "../../src/lab/profile.ts";
import { type Lab, startLab } from "../../src/lab/server.ts";
import { peerctl } from "../crash/support/peerctl.ts";
import { openPlace, type Place } from "../crash/support/place.ts";
import { numRuns, seed } from "./fuzz-seed.ts";

/** Whatever comes in over HTTP, CONNECT or SSH: the lab answers in AWS's terms or closes, and goes on. */

let lab: Lab;
let place: Place;
const warnings: string[] = [];
const note = (warning: Error) => warnings.push(warning.stack ?? warning.message);

beforeAll(async () => {
  lab = await startLab({
    profile: instant,
    seed: 1,
    clock: systemClock,
    dataPlane: modelDataPlane({ clock: systemClock }),
  });
  place = await openPlace();
  const { code, stderr } = await peerctl(place, ["up"]);
  expect(code, stderr).toBe(0);
  process.on("warning", note);
});

afterAll(async () => {
  process.off("warning", note);
  await lab.stop();
  await place.close();
});

const scope = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`;

async function health(url: string): Promise<number> {
  return (await fetch(`${url}/_lab/health`, { signal: AbortSignal.timeout(5000) })).status;
}

/** Ids that exist, that could and that could not; numbers, booleans, blocks, and what nobody expects. */
const value = fc.oneof(
  fc.constantFrom(
    "vpc-00000000000000000",
    "subnet-1",
    "sg-",
    "i-0123456789abcdef0",
    "10.0.0.0/16",
    "10.0.0.0/99",
    "0.0.0.0/0",
    "::/0",
    "fe80::1/64",
    "true",
    "FALSE",
    "-1",
    "4294967296",
    "1e999",
    "NaN",
    "2026-01-01T00:00:00Z",
    "tcp",
    "-",
    "t3.micro",
    "us-east-1a",
    "",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.integer().map(String),
);

/** `CidrBlock`, `Filter.1.Value.2`, `TagSpecification.1.Tag.1.Key`... from the names that the schemas have, and others. */
const memberNames = [
  ...new Set(Object.values(ec2Actions).flatMap(({ schema }) => membersOf(schema[4] as unknown))),
].sort();

function membersOf(ref: unknown, depth = 0): string[] {
  const schema = typeof ref === "function" ? (ref as () => unknown)() : ref;
  if (!Array.isArray(schema) || schema[0] !== 3 || depth > 2) return [];
  return schema[4] as string[];
}

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...memberNames) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "Filter", "TagSpecification"),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
test("the names come from the schemas", () => expect(memberNames.length).toBeGreaterThan(150));

const index = fc.constantFrom("", ".1", ".2", ".0", ".-1", ".99999999999", ".x");
const key = fc.array(
  fc.tuple(name, index).map((parts) => parts.join("")),
  { minLength: 1, maxLength: 3 },
);

const query = fc.record({
  action: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...Object.keys(ec2Actions)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  ),
  parameters: fc.array(
    fc.tuple(
      key.map((parts) => parts.join(".")),
      value,
    ),
    { maxLength: 8 },
  ),
});

test("any query is answered in EC2's terms, and never by an internal error", async () => {
  await fc.assert(
    fc.asyncProperty(query, async ({ action, parameters }) => {
      const body = new URLSearchParams([["Action", action], ["Version", "2016-11-15"], ...parameters]);
      const answer = await fetch(lab.url, {
        method: "POST",
        headers: { authorization: scope("ec2"), "content-type": "application/x-www-form-urlencoded" },
        body: body.toString(),
        signal: AbortSignal.timeout(5000),
      });
      const text = await answer.text();
      expect(answer.status, text).toBeLessThan(500);
      expect(text).toMatch(/^<\?xml/);
    }),
    { seed, numRuns: numRuns * 3 },
  );
  expect(warnings).toEqual([]);
  expect(await health(lab.url)).toBe(200);
});

test("any JSON call is answered in Instance Connect's terms", async () => {
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }),
    fc
      .dictionary(
        fc.constantFrom("InstanceId", "InstanceOSUser", "SSHPublicKey", "AvailabilityZone", "__proto__"),
        fc.oneof(fc.anything(), value),
      )
      .map((each) => {
        try {
          return JSON.stringify(each) ?? "";
        } catch {
          // A bigint in it.
          return "{";
        }
      }),
  );
  const target = fc.constantFrom(
    "AWSEC2InstanceConnectService.SendSSHPublicKey",
    "AWSEC2InstanceConnectService.toString",
    "x",
    ".",
  );
  await fc.assert(
    fc.asyncProperty(target, body, async (target, text) => {
      const answer = await fetch(lab.url, {
        method: "POST",
        headers: {
          authorization: scope("ec2-instance-connect"),
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": target,
        },
        body: text,
        signal: AbortSignal.timeout(5000),
      });
      const said = await answer.text();
      expect(answer.status, said).toBeLessThan(500);
      expect(answer.status, said).toBeGreaterThanOrEqual(400);
      expect(JSON.parse(said)).toBeTypeOf("object");
    }),
    { seed, numRuns },
  );
  expect(warnings).toEqual([]);
  expect(await health(lab.url)).toBe(200);
});

const line = fc.constantFrom(
  "GET / HTTP/1.1\r\n",
  "CONNECT 203.0.113.1:22 HTTP/1.1\r\n",
  "CONNECT 127.0.0.1:22 HTTP/1.1\r\n",
  "CONNECT [::1]:22 HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: localhost\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: -1\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: localhost\r\n",
  `Authorization: ${scope("ec2")}\r\n`,
  "\r\n",
  "ffffffff\r\n",
);
const noise = fc.array(
  fc.oneof(
    line.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 8 },
);

test("any bytes on its port are refused or cut off", async () => {
  await fc.assert(
    fc.asyncProperty(noise, async (chunks) => {
      await sendAll(new URL(lab.url).port, chunks);
    }),
    { seed, numRuns },
  );
  expect(warnings).toEqual([]);
  expect(await health(lab.url)).toBe(200);
});

test("any bytes on an instance's port 22 end that connection, and no other", async () => {
  const [address] = [...place.lab.world.tables.get("123456789012/us-east-1")!.addresses.values()];
  const open = Buffer.from(`CONNECT ${address?.PublicIp}:22 HTTP/1.1\r\nHost: x\r\n\r\n`);
  const greeting = Buffer.from("SSH-2.0-x\r\n");
  const talk = fc.tuple(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }));
  await fc.assert(
    fc.asyncProperty(talk, async ([greets, chunks]) => {
      const bytes = chunks.map((each) => Buffer.from(each));
      const said = await sendAll(
        new URL(place.lab.url).port,
        [...(greets ? [greeting] : []), ...bytes],
        open,
      );
      expect(said.toString("latin1")).toMatch(/^HTTP\/1\.1 200 /);
    }),
    { seed, numRuns: Math.ceil(numRuns / 3) },
  );
  expect(warnings).toEqual([]);
  const { code, stderr, stdout } = await peerctl(place, ["test-ping", "--count", "1", "--interval", "0.2"]);
  expect(code, stdout + stderr).toBe(0);
});

/**
 * Sends the chunks one after the other, and hangs up. Resolves with what came back; the server may hang up first.
 * @param first sent before them, and waited for until it is answered
 */
async function sendAll(port: string, chunks: readonly Buffer[], first?: Buffer): Promise<Buffer> {
  const socket = connect(Number(port), "127.0.0.1");
  const back: Buffer[] = [];
  socket.on("data", (chunk) => back.push(chunk));
  socket.on("error", () => socket.destroy());
  await once(socket, "connect");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  if (first) {
    socket.write(first);
    await once(socket, "data");
  }
  for (const chunk of chunks) {
    if (socket.writable) socket.write(chunk);
    await pause(1);
  }
  // Long enough for an answer to what was sent.
  await Promise.race([closed, pause(10)]);
  socket.destroy();
  await closed;
  return Buffer.concat(back);
}
