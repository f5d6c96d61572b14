import { expect, test } from "vitest";
import type { Echo } from "../../../../src/lab/data-plane/guest/guest.ts";
import { rttText, statistics } from "../../../../src/lab/data-plane/guest/ping-report.ts";
import { fakeGuest, link, run } from "./fake-guest.ts";

const reply = (rtt: number): Echo => ({ kind: "reply", rtt, ttl: 127 });
const lost: Echo = { kind: "lost" };
const only =
  (...echoes: Echo[]) =>
  (seq: number) =>
    echoes[seq - 1] ?? lost;

test("four replies, a second apart, print what iputils prints", async () => {
  const guest = fakeGuest(only(reply(912), reply(431), reply(1062), reply(455)));
  const result = await run("ping -c 4 10.2.0.4", guest);
  expect(result.out).toBe(
    [
      "PING 10.2.0.4 (10.2.0.4) 56(84) bytes of data.",
      "64 bytes from 10.2.0.4: icmp_seq=1 ttl=127 time=0.912 ms",
      "64 bytes from 10.2.0.4: icmp_seq=2 ttl=127 time=0.431 ms",
      "64 bytes from 10.2.0.4: icmp_seq=3 ttl=127 time=1.06 ms",
      "64 bytes from 10.2.0.4: icmp_seq=4 ttl=127 time=0.455 ms",
      "",
      "--- 10.2.0.4 ping statistics ---",
      "4 packets transmitted, 4 received, 0% packet loss, time 3000ms",
      "rtt min/avg/max/mdev = 0.431/0.715/1.062/0.277 ms",
      "",
    ].join("\n"),
  );
  expect(result).toMatchObject({ code: 0, err: "" });
  expect(result.took).toBeCloseTo(3000.455, 3);
});

test("a blocked path is silent, and ends with an empty line where the times would be", async () => {
  const result = await run("ping -c 2 -W 1 10.2.0.4");
  expect(result.out).toBe(
    [
      "PING 10.2.0.4 (10.2.0.4) 56(84) bytes of data.",
      "",
      "--- 10.2.0.4 ping statistics ---",
      "2 packets transmitted, 0 received, 100% packet loss, time 1000ms",
      "",
      "",
    ].join("\n"),
  );
  expect(result).toMatchObject({ code: 1, took: 2000 });
});

test("an address of the own subnet that nobody has is unreachable after three seconds of ARP", async () => {
  const result = await run(
    "ping -c 4 10.1.0.99",
    fakeGuest(() => ({ kind: "host-unreachable" })),
  );
  expect(result.out).toBe(
    [
      "PING 10.1.0.99 (10.1.0.99) 56(84) bytes of data.",
      ...[1, 2, 3, 4].map((seq) => `From 10.1.0.4 icmp_seq=${seq} Destination Host Unreachable`),
      "",
      "--- 10.1.0.99 ping statistics ---",
      "4 packets transmitted, 0 received, +4 errors, 100% packet loss, time 3000ms",
      "pipe 4",
      "",
    ].join("\n"),
  );
  expect(result).toMatchObject({ code: 1, took: 3050 });
});

const endings = [
  {
    name: "the last reply ends it at once",
    line: "-c 3",
    echoes: only(reply(400), reply(400), reply(400)),
    took: 2000.4,
    code: 0,
  },
  { name: "all lost: ten seconds after the last", line: "-c 3", echoes: only(), took: 12_000, code: 1 },
  { name: "all lost with -W", line: "-c 3 -W 2", echoes: only(), took: 4000, code: 1 },
  {
    name: "some lost: one interval after the last",
    line: "-c 3",
    echoes: only(reply(400)),
    took: 3000,
    code: 0,
  },
  {
    name: "some lost on a slow path: twice the longest trip",
    line: "-c 2 -i 0.2",
    echoes: only(reply(190_000)),
    took: 580,
    code: 0,
  },
  {
    name: "-w with replies enough",
    line: "-c 2 -w 9",
    echoes: only(reply(400), reply(400)),
    took: 1000.4,
    code: 0,
  },
  {
    name: "-w with a reply missing goes on sending",
    line: "-c 2 -w 5",
    echoes: only(lost, reply(400), reply(400)),
    took: 2000.4,
    code: 0,
  },
  { name: "-w with too few replies", line: "-c 3 -w 3", echoes: only(reply(400)), took: 3000, code: 1 },
  { name: "-w alone", line: "-w 2", echoes: only(reply(400)), took: 2000, code: 0 },
];

test.each(endings)("ends: $name", async ({ line, echoes, took, code }) => {
  const result = await run(`ping ${line} 10.2.0.4`, fakeGuest(echoes));
  expect(result.code).toBe(code);
  expect(result.took).toBeCloseTo(took, 2);
});

test("loss has six significant digits", async () => {
  const result = await run("ping -c 3 10.2.0.4", fakeGuest(only(reply(400), lost, reply(500))));
  expect(result.out).toContain("3 packets transmitted, 2 received, 33.3333% packet loss, time 2000ms\n");
});

test("Ctrl-C ends it with what was counted", async () => {
  const result = await run(
    "ping 10.2.0.4",
    fakeGuest(() => reply(500)),
    2500,
  );
  expect(result.out).toContain(
    "\n--- 10.2.0.4 ping statistics ---\n3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n",
  );
  expect(result).toMatchObject({ code: 0, took: 2500 });
});

test("what opens midway shows in the replies from then on", async () => {
  const guest = fakeGuest((seq) => (seq < 3 ? lost : reply(600)));
  const result = await run("ping -c 4 10.2.0.4", guest);
  expect(result.out.match(/icmp_seq=\d/g)).toEqual(["icmp_seq=3", "icmp_seq=4"]);
  expect(result.out).toContain("4 packets transmitted, 2 received, 50% packet loss");
});

const outputs = [
  { line: "-q -c 1 10.2.0.4", has: /^PING .*\n\n--- /, not: /icmp_seq/ },
  {
    line: "-c 1 -s 8 10.2.0.4",
    has: /PING 10\.2\.0\.4 \(10\.2\.0\.4\) 8\(36\) bytes of data\.\n16 bytes from 10\.2\.0\.4: icmp_seq=1 ttl=127\n/,
    not: /rtt/,
  },
  { line: "-c1 -s1400 10.2.0.4", has: /1400\(1428\) bytes of data\.\n1408 bytes from/, not: /invalid/ },
  { line: "-nqc 1 10.2.0.4", has: /1 received/, not: /icmp_seq/ },
  {
    line: "-I ens5 -c 1 10.2.0.4",
    has: /^PING 10\.2\.0\.4 \(10\.2\.0\.4\) from 10\.1\.0\.4 ens5: 56\(84\)/,
    not: /Warning/,
  },
  {
    line: "-I 10.1.0.4 -c 1 10.2.0.4",
    has: /^PING 10\.2\.0\.4 \(10\.2\.0\.4\) from 10\.1\.0\.4 : 56\(84\)/,
    not: /Warning/,
  },
  { line: "-D -c 1 10.2.0.4", has: /\n\[1767312000\.\d{6}\] 64 bytes/, not: /NaN/ },
  {
    line: "-c 1 localhost",
    has: /PING localhost \(127\.0\.0\.1\) 56\(84\).*\n64 bytes from localhost \(127\.0\.0\.1\): icmp_seq=1/,
    not: /NaN/,
  },
  { line: "-c 1 ip-10-1-0-4", has: /64 bytes from ip-10-1-0-4\.ec2\.internal \(10\.1\.0\.4\): /, not: /NaN/ },
];

test.each(outputs)("prints: ping $line", async ({ line, has, not }) => {
  const result = await run(
    `ping ${line}`,
    fakeGuest(() => reply(430)),
  );
  expect(result.out).toMatch(has);
  expect(result.out).not.toMatch(not);
  expect(result.code).toBe(0);
});

test("-O tells what has no answer yet", async () => {
  const result = await run("ping -O -c 3 -W 1 10.2.0.4", fakeGuest(only(lost, reply(400))));
  expect(result.out.split("\n")[1]).toBe("no answer yet for icmp_seq=1");
  expect(result.out).not.toContain("no answer yet for icmp_seq=2");
});

const refusals = [
  ["", 1, "usage error: Destination address required"],
  ["-c 0 10.2.0.4", 1, "invalid argument: '0': out of range: 1 <= value <= 9223372036854775807"],
  ["-c four 10.2.0.4", 1, "invalid argument: 'four'"],
  ["-s 70000 10.2.0.4", 1, "invalid argument: '70000': out of range: 0 <= value <= 65507"],
  ["-i 0.1 10.2.0.4", 2, "cannot flood; minimal interval allowed for user is 200ms"],
  ["-i soon 10.2.0.4", 2, "bad timing interval: soon"],
  ["-W 0 10.2.0.4", 2, "bad linger time: 0"],
  ["-z 10.2.0.4", 2, "invalid option -- 'z'"],
  ["10.2.0.4 -c", 2, "option requires an argument -- 'c'"],
  ["-c 1 example.com", 2, "example.com: Name or service not known"],
  ["-6 -c 1 10.2.0.4", 2, "10.2.0.4: Address family for hostname not supported"],
  ["-c 1 2001:db8::1", 2, "connect: Network is unreachable"],
  ["-c 1 10.1.0.255", 2, "Do you want to ping broadcast? Then -b. If not, check your local firewall rules"],
  ["-I eth9 -c 1 10.2.0.4", 2, "SO_BINDTODEVICE eth9: No such device"],
  ["-I 10.9.9.9 -c 1 10.2.0.4", 2, "bind: Cannot assign requested address"],
] as const;

test.each(refusals)("refuses: ping %s -> %i", async (line, code, message) => {
  expect(await run(`ping ${line}`)).toMatchObject({ code, err: `ping: ${message}\n`, out: "", took: 0 });
});

test("an instance without any interface has no way out", async () => {
  expect(await run("ping -c 1 10.2.0.4", fakeGuest(undefined, []))).toMatchObject({
    code: 2,
    err: "ping: connect: Network is unreachable\n",
  });
  expect(
    await run(
      "ping -c 1 2001:db8::1",
      fakeGuest(() => reply(400), [{ ...link, ipv6: ["2001:db8::4"] }]),
    ),
  ).toMatchObject({ code: 0 });
});

const times = [
  [7, "0.007"],
  [431, "0.431"],
  [999, "0.999"],
  [1000, "1.00"],
  [1234, "1.23"],
  [1235, "1.24"],
  [9994, "9.99"],
  [9995, "10.0"],
  [12_345, "12.3"],
  [99_949, "99.9"],
  [99_950, "100"],
  [143_700, "144"],
] as const;

test.each(times)("%i us is printed as %s", (rtt, text) => expect(rttText(rtt)).toBe(text));

test("statistics without any request have no loss to tell", () => {
  const rtts = { min: Number.POSITIVE_INFINITY, max: 0, sum: 0, squares: 0 };
  expect(statistics("x", { transmitted: 0, received: 0, errors: 0, pipe: 0, rtts }, 0, true)).toBe(
    "\n--- x ping statistics ---\n0 packets transmitted, 0 received\n\n",
  );
});
