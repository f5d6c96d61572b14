import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import {
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import type { DataPlane } from "../../src/lab/data-plane/data-plane.ts";
import { ec2For, labForTest, outcomeOf } from "./start.ts";

const scope = (region: string, service: string) =>
  `AWS4-HMAC-SHA256 Credential=123456789012/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`;
const form = "Action=DescribeVpcs&Version=2016-11-15";

describe("what comes in over HTTP", () => {
  const good = { authorization: scope("us-east-1", "ec2") };
  const rows: [string, RequestInit & { path?: string }, number, RegExp][] = [
    ["a signed call", { headers: good, body: form }, 200, /<DescribeVpcsResponse xmlns="http:\/\/ec2/],
    ["no signature", { body: form }, 403, /MissingAuthenticationToken/],
    ["another scheme", { headers: { authorization: "Basic eDp5" }, body: form }, 401, /AuthFailure/],
    [
      "a torn scope",
      { headers: { authorization: "AWS4-HMAC-SHA256 Credential=a/b" }, body: form },
      401,
      /AuthFailure/,
    ],
    [
      "an unknown Region",
      { headers: { authorization: scope("us-east-9", "ec2") }, body: form },
      401,
      /us-east-9/,
    ],
    [
      "an unknown service",
      { headers: { authorization: scope("us-east-1", "iam") }, body: form },
      400,
      /InvalidAction/,
    ],
    [
      "an unknown action",
      { headers: good, body: "Action=toString&Version=2016-11-15" },
      400,
      /<Code>InvalidAction<\/Code><Message>The action toString is not valid for this web service.<\/Message>/,
    ],
    ["no action", { headers: good, body: "Version=2016-11-15" }, 400, /parameter Action/],
    ["no version", { headers: good, body: "Action=DescribeVpcs" }, 400, /parameter Version/],
    ["too much", { headers: good, body: `${form}&X=${"x".repeat(1024 * 1024)}` }, 413, /larger than/],
    ["a web page", { headers: { ...good, origin: "http://evil.example" }, body: form }, 403, /web pages/],
    ["another path", { path: "/x", headers: good, body: form }, 404, /no such path/],
    ["another method", { method: "PUT", headers: good, body: form }, 405, /PUT is not supported/],
    [
      "a presigned GET",
      {
        method: "GET",
        path: `/?${form}&X-Amz-Credential=${encodeURIComponent("k/20260101/us-east-1/ec2/aws4_request")}&X-Amz-Signature=0`,
      },
      200,
      /DescribeVpcsResponse/,
    ],
    [
      "an unknown JSON target",
      {
        headers: { authorization: scope("us-east-1", "ec2-instance-connect"), "x-amz-target": "X.Y" },
        body: "{}",
      },
      400,
      /"__type":"UnknownOperationException"/,
    ],
  ];
  test.each(rows)("%s", async (_name, { path = "/", method = "POST", ...init }, status, body) => {
    const lab = await labForTest();
    const reply = await fetch(lab.url + path, { method, ...init });
    expect(await reply.text()).toMatch(body);
    expect(reply.status).toBe(status);
  });

  test("a foreign Host header gets nothing", async () => {
    const lab = await labForTest();
    const call = request({
      port: lab.port,
      host: "127.0.0.1",
      path: "/_lab/health",
      headers: { host: "evil.example" },
    });
    call.end();
    const [reply] = await once(call, "response");
    expect(reply.statusCode).toBe(403);
    reply.resume();
  });

  test.each([
    "\u0000\u0001\u0002\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
  ])("bytes that are no HTTP: %j", async (bytes) => {
    const lab = await labForTest();
    const socket = connect(lab.port, "127.0.0.1");
    socket.write(bytes);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 400/);
    socket.destroy();
    expect((await fetch(`${lab.url}/_lab/health`)).status).toBe(200);
  });
});

test("accounts and Regions live side by side, each with its default VPC", async () => {
  const lab = await labForTest();
  const one = ec2For(lab, { account: "111111111111", region: "eu-west-1" });
  const others = [
    ec2For(lab, { account: "222222222222", region: "eu-west-1" }),
    ec2For(lab, { account: "111111111111", region: "us-east-1" }),
  ];
  const { Vpc } = await one.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  for (const other of others) {
    const { Vpcs } = await other.send(new DescribeVpcsCommand({}));
    expect(Vpcs).toMatchObject([{ IsDefault: true, CidrBlock: "172.31.0.0/16" }]);
    const outcome = await outcomeOf(other.send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId })));
    expect(outcome).toBe(`InvalidVpcID.NotFound: The vpc ID '${Vpc?.VpcId}' does not exist`);
  }
  const zones = async (client: typeof one) =>
    (await client.send(new DescribeSubnetsCommand({}))).Subnets?.map((each) => [
      each.AvailabilityZone,
      each.CidrBlock,
    ]);
  expect(await zones(one)).toEqual([
    ["eu-west-1a", "172.31.0.0/20"],
    ["eu-west-1b", "172.31.16.0/20"],
    ["eu-west-1c", "172.31.32.0/20"],
  ]);
  expect(await zones(others[1]!)).toHaveLength(6);
});

test("a dry run fails as the call would, else says so, and changes nothing", async () => {
  const lab = await labForTest();
  const ec2 = ec2For(lab);
  const dry = (CidrBlock: string) => outcomeOf(ec2.send(new CreateVpcCommand({ CidrBlock, DryRun: true })));
  expect(await dry("10.0.0.0/16")).toBe(
    "DryRunOperation: Request would have succeeded, but DryRun flag is set.",
  );
  expect(await dry("10.0.0.0/8")).toBe("InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid.");
  expect(lab.log.entries.map((each) => each.status)).toEqual([412, 400]);
  expect(lab.world.tables.get("123456789012/us-east-1")?.vpcs.size).toBe(1);
});

test("the same seed makes the same ids", async () => {
  const made = async () => {
    const { Vpc } = await ec2For(await labForTest({ seed: 42 })).send(
      new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }),
    );
    return Vpc?.VpcId;
  };
  expect(await made()).toBe(await made());
});

describe("what is the lab's own", () => {
  test("health, the caller's address, the log of calls", async () => {
    const lab = await labForTest({ version: "1.2.3" });
    const { Vpc } = await ec2For(lab).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    await ec2For(lab).send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId }));
    await outcomeOf(ec2For(lab).send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId })));
    const get = (path: string) => fetch(lab.url + path);
    expect(await (await get("/_lab/health")).json()).toMatchObject({
      version: "1.2.3",
      pid: process.pid,
      profile: "instant",
    });
    expect(await (await get("/_lab/caller-ip")).text()).toBe("198.51.100.7\n");
    const { calls } = (await (await get("/_lab/log")).json()) as { calls: Record<string, unknown>[] };
    const who = { service: "ec2", account: "123456789012", region: "us-east-1" };
    expect(calls).toMatchObject([
      { ...who, action: "CreateVpc", status: 200, used: [] },
      { ...who, action: "DeleteVpc", status: 200, used: [Vpc?.VpcId], made: [] },
      { ...who, action: "DeleteVpc", status: 400, error: "InvalidVpcID.NotFound" },
    ]);
    expect(calls[0]?.made).toContain(Vpc?.VpcId);
    expect((await get("/_lab/nothing")).status).toBe(404);
    expect((await get("/_lab/stop")).status).toBe(405);
  });

  test("reset forgets everything; stop ends the lab", async () => {
    const lab = await labForTest();
    await ec2For(lab).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    const post = (path: string) => fetch(lab.url + path, { method: "POST" });
    expect((await post("/_lab/reset")).status).toBe(200);
    expect([lab.world.tables.size, lab.log.entries.length]).toEqual([0, 0]);
    expect((await post("/_lab/stop")).status).toBe(200);
    await lab.stopped;
    await expect(post("/_lab/stop")).rejects.toThrow();
  });

  test("a taken port is an error", async () => {
    const { port } = await labForTest();
    await expect(labForTest({ port })).rejects.toThrow(/EADDRINUSE/);
  });
});

describe("HTTP CONNECT", () => {
  const knock = async (port: number, line: string) => {
    const socket = connect(port, "127.0.0.1");
    socket.write(`${line}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    socket.destroy();
    return String(answer).split("\r\n")[0];
  };

  test("goes to the data plane with what was asked for; what is no target does not", async () => {
    const seen: { host: string; port: number }[] = [];
    let applied = 0;
    let closed = false;
    const dataPlane: DataPlane = {
      name: "model",
      apply: () => {
        applied += 1;
      },
      connect: (_world, target, socket) => {
        seen.push(target);
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      },
      close: async () => {
        closed = true;
      },
    };
    const lab = await labForTest({ dataPlane });
    expect(await knock(lab.port, "CONNECT 203.0.113.5:22 HTTP/1.1")).toBe("HTTP/1.1 403 Forbidden");
    expect(await knock(lab.port, "CONNECT [::1]:22 HTTP/1.1")).toBe("HTTP/1.1 403 Forbidden");
    expect(await knock(lab.port, "CONNECT host HTTP/1.1")).toBe("HTTP/1.1 400 Bad Request");
    expect(await knock(lab.port, "CONNECT host:99999 HTTP/1.1")).toBe("HTTP/1.1 400 Bad Request");
    expect(seen).toEqual([
      { host: "203.0.113.5", port: 22 },
      { host: "[::1]", port: 22 },
    ]);
    const before = applied;
    await ec2For(lab).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    expect(applied).toBeGreaterThan(before);
    await lab.stop();
    expect(closed).toBe(true);
  });

  test("without a data plane there is nowhere to go", async () => {
    const lab = await labForTest();
    expect(await knock(lab.port, "CONNECT 203.0.113.5:22 HTTP/1.1")).toBe("HTTP/1.1 501 Not Implemented");
  });
});

test("stop is the same whoever asks, and however often", async () => {
  const lab = await labForTest();
  await Promise.all([lab.stop(), lab.stop(), lab.stopped]);
  await expect(fetch(lab.url)).rejects.toThrow();
});
