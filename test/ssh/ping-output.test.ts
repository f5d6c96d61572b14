import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPingLine } from "../../src/ssh/ping-line.ts";
import { pingReader } from "../../src/ssh/ping-output.ts";

const iputils = `PING 10.2.0.4 (10.2.0.4) 56(84) bytes of data.
64 bytes from 10.2.0.4: icmp_seq=1 ttl=127 time=0.512 ms
64 bytes from 10.2.0.4: icmp_seq=2 ttl=127 time=0.4 ms
64 bytes from 10.2.0.4: icmp_seq=2 ttl=127 time=0.9 ms (DUP!)
64 bytes from 10.2.0.4: icmp_seq=4 ttl=127 time=1.10 ms

--- 10.2.0.4 ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 3052ms
rtt min/avg/max/mdev = 0.400/0.728/1.100/0.284 ms
`;
const busybox = `PING 10.2.0.4 (10.2.0.4): 56 data bytes
64 bytes from 10.2.0.4: seq=0 ttl=64 time=0.051 ms
64 bytes from 10.2.0.4: seq=1 ttl=64 time=0.080 ms

--- 10.2.0.4 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = 0.051/0.065/0.080 ms
`;

function read(stdout: string, stderr = "") {
  const reader = pingReader();
  reader.stdout(Buffer.from(stdout));
  reader.stderr(Buffer.from(stderr));
  return reader.end();
}

describe("a line", () => {
  const error = { kind: "error" };
  const rows: { line: string; stream?: "stdout" | "stderr"; tells: object | undefined }[] = [
    {
      line: "64 bytes from 10.2.0.4: icmp_seq=1 ttl=127 time=0.512 ms",
      tells: { kind: "reply", seq: 1, ttl: 127, bytes: 64, timeMs: 0.512, duplicate: false },
    },
    {
      line: "64 bytes from ip-10-2-0-4.ec2.internal (10.2.0.4): icmp_seq=3 ttl=255 time=12 ms",
      tells: { kind: "reply", seq: 3, ttl: 255, bytes: 64, timeMs: 12, duplicate: false },
    },
    {
      line: "64 bytes from 2001:db8::4: icmp_seq=1 ttl=64 time=0.1 ms",
      tells: { kind: "reply", seq: 1, ttl: 64, bytes: 64, timeMs: 0.1, duplicate: false },
    },
    {
      line: "16 bytes from 10.2.0.4: icmp_seq=1 ttl=64",
      tells: { kind: "reply", seq: 1, ttl: 64, bytes: 16, duplicate: false },
    },
    {
      line: "64 bytes from 10.2.0.4: seq=0 ttl=64 time=0.051 ms (DUP!)",
      tells: { kind: "reply", seq: 0, ttl: 64, bytes: 64, timeMs: 0.051, duplicate: true },
    },
    {
      line: "From 10.1.0.4 icmp_seq=1 Destination Host Unreachable",
      tells: {
        ...error,
        reason: "host-unreachable",
        text: "Destination Host Unreachable",
        seq: 1,
        from: "10.1.0.4",
      },
    },
    {
      line: "From ip-10-1-0-1.ec2.internal (10.1.0.1) icmp_seq=2 Destination Net Unreachable",
      tells: { ...error, reason: "net-unreachable", seq: 2, from: "ip-10-1-0-1.ec2.internal" },
    },
    { line: "From 10.1.0.1: icmp_seq=1 Time to live exceeded", tells: { ...error, reason: "ttl-exceeded" } },
    { line: "From 10.1.0.1 icmp_seq=1 Packet filtered", tells: { ...error, reason: "prohibited" } },
    {
      line: "From 10.1.0.4 icmp_seq=1 Frag needed and DF set (mtu = 8500)",
      tells: { ...error, reason: "too-big" },
    },
    { line: "ping: connect: Network is unreachable", tells: { ...error, reason: "net-unreachable" } },
    { line: "connect: Network is unreachable", tells: { ...error, reason: "net-unreachable" } },
    {
      line: "ping: sendto: Network unreachable",
      stream: "stderr",
      tells: { ...error, reason: "net-unreachable" },
    },
    { line: "ping: sendmsg: Operation not permitted", tells: { ...error, reason: "prohibited" } },
    { line: "ping: local error: message too long, mtu=9001", tells: { ...error, reason: "too-big" } },
    { line: "bash: line 1: ping: command not found", tells: { ...error, reason: "no-ping" } },
    { line: "sh: ping: not found", stream: "stderr", tells: { ...error, reason: "no-ping" } },
    { line: "something odd", stream: "stderr", tells: { ...error, reason: "other", text: "something odd" } },
    { line: "something odd", tells: undefined },
    { line: "PING 10.2.0.4 (10.2.0.4) 56(84) bytes of data.", tells: undefined },
    { line: "--- 10.2.0.4 ping statistics ---", tells: undefined },
    { line: "", stream: "stderr", tells: undefined },
    {
      line: "4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3060ms",
      tells: { kind: "counts", transmitted: 4, received: 0, duplicates: 0, lossPercent: 100 },
    },
    {
      line: "3 packets transmitted, 2 received, +1 duplicates, 33.3333% packet loss, time 2003ms",
      tells: { kind: "counts", transmitted: 3, received: 2, duplicates: 1, lossPercent: 33.3333 },
    },
    {
      line: "2 packets transmitted, 2 packets received, 3 duplicates, 0% packet loss",
      tells: { kind: "counts", transmitted: 2, received: 2, duplicates: 3, lossPercent: 0 },
    },
    {
      line: "rtt min/avg/max/mdev = 0.400/0.728/1.100/0.284 ms, pipe 2",
      tells: { kind: "times", minMs: 0.4, avgMs: 0.728, maxMs: 1.1 },
    },
  ];
  test.each(rows)("$line", ({ line, stream = "stdout", tells }) => {
    if (tells === undefined) expect(readPingLine(line, stream)).toBeUndefined();
    else expect(readPingLine(line, stream)).toMatchObject(tells);
  });
});

describe("a whole run", () => {
  test("iputils, with a loss and a duplicate", () => {
    const { replies, errors, summary } = read(iputils);
    expect(replies.map(({ seq, timeMs }) => [seq, timeMs])).toEqual([
      [1, 0.512],
      [2, 0.4],
      [2, 0.9],
      [4, 1.1],
    ]);
    expect(errors).toEqual([]);
    expect(summary).toEqual({
      ...{ transmitted: 4, received: 3, duplicates: 1, lossPercent: 25 },
      ...{ minMs: 0.4, avgMs: 0.728, maxMs: 1.1, complete: true },
    });
  });

  test("busybox", () => {
    expect(read(busybox).summary).toEqual({
      ...{ transmitted: 2, received: 2, duplicates: 0, lossPercent: 0 },
      ...{ minMs: 0.051, avgMs: 0.065, maxMs: 0.08, complete: true },
    });
  });

  test("no route: the complaint, and nothing sent", () => {
    const { errors, summary } = read("", "ping: connect: Network is unreachable\n");
    expect(errors).toMatchObject([{ reason: "net-unreachable" }]);
    expect(summary).toMatchObject({ transmitted: 0, received: 0, lossPercent: 100, complete: false });
    expect(summary.avgMs).toBeUndefined();
  });

  const cut = (text: string, mark: string) => text.slice(0, text.indexOf(mark));
  test.each([
    { name: "iputils", output: cut(iputils, "\n--- "), counts: [4, 3, 1, 25] },
    { name: "iputils, in the middle of a reply", output: cut(iputils, "=1.10 ms"), counts: [4, 3, 1, 25] },
    { name: "busybox", output: cut(busybox, "\n--- "), counts: [2, 2, 0, 0] },
    {
      name: "errors count as sent",
      output: "From 10.1.0.4 icmp_seq=3 Destination Host Unreachable",
      counts: [3, 0, 0, 100],
    },
  ])("the connection was lost: $name", ({ output, counts }) => {
    const { summary } = read(output);
    const { transmitted, received, duplicates, lossPercent } = summary;
    expect([transmitted, received, duplicates, lossPercent]).toEqual(counts);
    expect(summary.complete).toBe(false);
  });

  test("each reply is told as soon as its line is whole", () => {
    const seqs: (number | undefined)[] = [];
    const reader = pingReader(({ seq }) => seqs.push(seq));
    reader.stdout(Buffer.from("64 bytes from 10.2.0.4: icmp_seq=1 ttl=127 time=0.5"));
    expect(seqs).toEqual([]);
    reader.stdout(Buffer.from("12 ms\n"));
    expect(seqs).toEqual([1]);
  });

  test("wherever the chunks are cut, the result is the same", () => {
    const whole = read(iputils);
    fc.assert(
      fc.property(fc.array(fc.nat(iputils.length)), (cuts) => {
        const reader = pingReader();
        const places = [0, ...cuts.toSorted((a, b) => a - b), iputils.length];
        places.slice(1).forEach((end, index) => {
          reader.stdout(Buffer.from(iputils.slice(places[index], end)));
        });
        expect(reader.end()).toEqual(whole);
      }),
      { seed: 1 },
    );
  });
});
