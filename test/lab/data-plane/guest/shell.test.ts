import fc from "fast-check";
import { expect, test } from "vitest";
import { LineError, parseLine } from "../../../../src/lab/data-plane/guest/line.ts";
import { fakeGuest, link, run } from "./fake-guest.ts";

const lines = [
  ["hostname", "ip-10-1-0-4.ec2.internal\n", 0],
  ["hostname -s", "ip-10-1-0-4\n", 0],
  ["hostname -I", "10.1.0.4 \n", 0],
  ["whoami", "ec2-user\n", 0],
  ["uname", "Linux\n", 0],
  ["uname -sm", "Linux x86_64\n", 0],
  ["cat /etc/hostname", "ip-10-1-0-4.ec2.internal\n", 0],
  ["echo one   two", "one two\n", 0],
  ["echo 'one   two' \"three  four\"", "one   two three  four\n", 0],
  ["echo -n x", "x", 0],
  ['echo "a \\"b\\" \\\\ c" d\\ e', 'a "b" \\ c d e\n', 0],
  ["echo ''", "\n", 0],
  ["echo $USER:$HOME:'$USER':$NOTHING:$?", "ec2-user:/home/ec2-user:$USER::0\n", 0],
  ["echo costs 5$ # and no more", "costs 5$\n", 0],
  ["true && echo yes", "yes\n", 0],
  ["false && echo yes", "", 1],
  ["false || echo no", "no\n", 0],
  ["false; echo $?", "1\n", 0],
  ["false && echo a || echo b", "b\n", 0],
  ["echo a\necho b\n", "a\nb\n", 0],
  ["echo a;", "a\n", 0],
  ["LC_ALL=C echo a", "a\n", 0],
  ["X=1", "", 0],
  ["", "", 0],
  ["  # nothing", "", 0],
  ["exit", "", 0],
  ["exit 3; echo never", "", 3],
  ["exit 256", "", 0],
  ["exit -1", "", 255],
  ["false; exit", "", 1],
] as const;

test.each(lines)("%j prints %j and ends with %i", async (line, out, code) => {
  expect(await run(line)).toMatchObject({ out, err: "", code });
});

const problems = [
  ["foo", "bash: foo: command not found\n", 127],
  ["constructor", "bash: constructor: command not found\n", 127],
  ["foo bar && echo yes", "bash: foo: command not found\n", 127],
  ["exit soon", "bash: exit: soon: numeric argument required\n", 2],
  ["exit 1 2", "bash: exit: too many arguments\n", 1],
  ["cat /etc/shadow", "cat: /etc/shadow: No such file or directory\n", 1],
  ["hostname other", "hostname: you must be root to change the host name\n", 1],
  ["uname -x", "uname: invalid option -- 'x'\n", 1],
  ["sleep", "sleep: missing operand\n", 1],
  ["echo 'a", "bash: unexpected EOF while looking for matching `''\n", 2],
  ['echo "a', "bash: unexpected EOF while looking for matching `\"'\n", 2],
  ["&& echo", "bash: syntax error near unexpected token `&&'\n", 2],
  ["echo a;; echo b", "bash: syntax error near unexpected token `;'\n", 2],
  ["echo a &&", "bash: syntax error: unexpected end of file\n", 2],
  ["ping x | tail", "bash: |: not in this model shell (no pipes, redirections, jobs)\n", 2],
  ["sleep 1 &", "bash: &: not in this model shell (no pipes, redirections, jobs)\n", 2],
  ["echo $(id)", "bash: $(: not in this model shell (no pipes, redirections, jobs)\n", 2],
  ["ip link", 'Object "link" is unknown, try "ip help".\n', 1],
  ["ip addr add 10.0.0.1 dev ens5", 'Command "add" is unknown, try "ip addr help".\n', 255],
  ["ip addr show dev ens9", 'Device "ens9" does not exist.\n', 1],
  ["ip -x addr", 'Option "-x" is unknown, try "ip -help".\n', 255],
] as const;

test.each(problems)("%j fails with %j and %i", async (line, err, code) => {
  expect(await run(line)).toMatchObject({ out: "", err, code });
});

test("sleep takes its time, and Ctrl-C ends it", async () => {
  expect(await run("sleep 1.5; echo up")).toMatchObject({ out: "up\n", took: 1500, code: 0 });
  expect(await run("sleep 60; echo up", fakeGuest(), 700)).toMatchObject({ out: "", took: 700, code: 130 });
});

test("any line is read or refused, never worse", () => {
  const syntax = fc.string({
    unit: fc.constantFrom("a", " ", "'", '"', "\\", "$", "{", "}", "?", ";", "&", "|", "#", "\n", "`", "("),
  });
  fc.assert(
    fc.property(fc.oneof(syntax, fc.string({ unit: "binary" })), (line) => {
      try {
        for (const { words } of parseLine(line)) expect(words.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(LineError);
      }
    }),
    { seed: 7, numRuns: 1000 },
  );
});

test("ip addr, as iproute2 prints it", async () => {
  expect((await run("ip addr")).out).toBe(
    `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
    inet6 ::1/128 scope host noprefixroute 
       valid_lft forever preferred_lft forever
2: ens5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000
    link/ether 0e:4f:6a:10:2b:3c brd ff:ff:ff:ff:ff:ff
    inet 10.1.0.4/24 metric 512 brd 10.1.0.255 scope global dynamic ens5
       valid_lft 3600sec preferred_lft 3600sec
    inet6 fe80::c4f:6aff:fe10:2b3c/64 scope link 
       valid_lft forever preferred_lft forever
`,
  );
});

test("ip addr in brief, with secondary addresses, of one family", async () => {
  const guest = fakeGuest(undefined, [{ ...link, addresses: ["10.1.0.4", "10.1.0.9"] }]);
  expect((await run("ip -br a", guest)).out).toBe(
    "lo               UNKNOWN        127.0.0.1/8 ::1/128 \n" +
      "ens5             UP             10.1.0.4/24 metric 512 10.1.0.9/24 fe80::c4f:6aff:fe10:2b3c/64 \n",
  );
  expect((await run("ip -4 -br addr show dev ens5", guest)).out).toBe(
    "ens5             UP             10.1.0.4/24 metric 512 10.1.0.9/24 \n",
  );
});

const routes = [
  {
    name: "the resolver in the own subnet",
    with: link,
    out: `default via 10.1.0.1 dev ens5 proto dhcp src 10.1.0.4 metric 512 
10.1.0.2 dev ens5 proto dhcp scope link src 10.1.0.4 metric 512 
10.1.0.0/24 dev ens5 proto kernel scope link src 10.1.0.4 metric 512 
10.1.0.1 dev ens5 proto dhcp scope link src 10.1.0.4 metric 512 
`,
  },
  {
    name: "the resolver in another subnet",
    with: {
      ...link,
      addresses: ["10.1.17.4"],
      prefixLength: 20,
      router: "10.1.16.1",
      broadcast: "10.1.31.255",
    },
    out: `default via 10.1.16.1 dev ens5 proto dhcp src 10.1.17.4 metric 512 
10.1.0.2 via 10.1.16.1 dev ens5 proto dhcp src 10.1.17.4 metric 512 
10.1.16.0/20 dev ens5 proto kernel scope link src 10.1.17.4 metric 512 
10.1.16.1 dev ens5 proto dhcp scope link src 10.1.17.4 metric 512 
`,
  },
];

test.each(routes)("ip route with $name", async ({ with: one, out }) => {
  for (const line of ["ip route", "ip r", "ip route show", "ip -4 r ls"]) {
    expect((await run(line, fakeGuest(undefined, [one]))).out).toBe(out);
  }
});
