import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { internet } from "../../../../src/lab/data-plane/linux/plan.ts";
import type { Snapshot } from "../../../../src/net/types.ts";
import { acl, group } from "../../../net/rows.ts";
import { all, entry, sample } from "../../../net/sample.ts";
import { describeRealPackets } from "../../../support/real-packets.ts";
import { snapshotPlane } from "./snapshot-plane.ts";

/** What no verdict of net/ says, as it depends on sizes, or on what passed before. */
describeRealPackets("packets of any size, and flows", () => {
  let plane: Awaited<ReturnType<typeof snapshotPlane>>;
  let snapshot: Snapshot;
  beforeEach(async () => {
    plane = await snapshotPlane();
    snapshot = sample();
  });
  afterEach(() => plane.close());

  const within = async (namespace: string, ...command: string[]): Promise<string> => {
    const [program, ...args] = plane.enter(namespace, command);
    return promisify(execFile)(program, args).then(
      ({ stdout }) => stdout,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
  };
  /** One echo of so many bytes in all, which may not be divided. */
  const whole = (size: number, to: string, patience = "1") =>
    within("i-1", "ping", "-c", "1", "-W", patience, "-M", "do", "-s", `${size - 28}`, to);

  test.each([
    { name: "over a peering", regions: ["us-east-1", "us-east-1"], to: "10.2.0.10", mtu: 9001 },
    { name: "over one between Regions", regions: ["us-east-1", "eu-west-1"], to: "10.2.0.10", mtu: 8500 },
    { name: "to the internet", regions: ["us-east-1", "us-east-1"], to: "8.8.8.8", mtu: 1500 },
  ])("$name packets of $mtu bytes pass, and the sender is told where one is longer", async (row) => {
    snapshot.vpcs.forEach((vpc, place) => {
      vpc.region = row.regions[place]!;
    });
    const [peering] = snapshot.peerings;
    peering!.requester.region = row.regions[0]!;
    peering!.accepter.region = row.regions[1]!;
    await plane.apply(snapshot);
    expect(await whole(row.mtu, row.to)).toContain("1 received");
    expect(await whole(row.mtu + 1, row.to)).toMatch(new RegExp(`mtu ?= ?${row.mtu}`, "i"));
  });

  test("a network ACL has to let in that packets are too big: type 3, code 4", async () => {
    const echoes = (direction: "ingress" | "egress", icmpType: number) =>
      entry(100, direction, "allow", { protocol: "1", icmpType, icmpCode: -1 });
    const deaf = [echoes("ingress", 0), echoes("egress", 8)];
    acl(snapshot, 1).entries = deaf;
    await plane.apply(snapshot);
    expect(await whole(1500, "8.8.8.8")).toContain("1 received");
    expect(await whole(1501, "8.8.8.8", "0.3")).not.toMatch(/mtu/i);
    acl(snapshot, 1).entries = [
      ...deaf,
      entry(110, "ingress", "allow", { protocol: "1", icmpType: 3, icmpCode: 4 }),
    ];
    await plane.apply(snapshot);
    expect(await whole(1501, "8.8.8.8")).toMatch(/mtu ?= ?1500/i);
  });

  test("rules about ports hold for all fragments of a packet", async () => {
    const port = { protocol: "udp", fromPort: 5000, toPort: 5000 };
    group(snapshot, 1).ingress = [{ ...port, peer: { kind: "cidr", cidr: "198.51.100.7/32" } }];
    acl(snapshot, 1).entries = [
      entry(100, "ingress", "allow", { ...port, protocol: "17" }),
      entry(100, "egress", "allow"),
    ];
    await plane.apply(snapshot);
    await serve("i-1", "10.1.0.10");
    const allowed = client(internet, "198.51.100.7:0", "203.0.113.10:5000");
    expect(await allowed(4000)).toBe("4000");
    const denied = client(internet, "198.51.100.7:0", "203.0.113.10:5001");
    expect(await denied(4000)).toBe("nothing");
  });

  test("a flow that a group has let in goes on without its rule; a network ACL decides about each packet", async () => {
    const peer = { kind: "cidr", cidr: "10.1.0.0/16" } as const;
    group(snapshot, 2).ingress = [{ protocol: "udp", fromPort: 5000, toPort: 5000, peer }];
    await plane.apply(snapshot);
    await serve("i-2", "10.2.0.10");
    const flow = client("i-1", "10.1.0.10:40001", "10.2.0.10:5000");
    expect(await flow(10)).toBe("10");
    group(snapshot, 2).ingress = [];
    await plane.apply(snapshot);
    expect(await flow(11)).toBe("11");
    expect(await client("i-1", "10.1.0.10:40002", "10.2.0.10:5000")(12)).toBe("nothing");
    acl(snapshot, 2).entries.unshift(entry(50, "egress", "deny"));
    await plane.apply(snapshot);
    expect(await flow(13)).toBe("nothing");
    acl(snapshot, 2).entries.shift();
    await plane.apply(snapshot);
    expect(await flow(14)).toBe("14");
  });

  test("what answers a flow needs no rule, what begins one does", async () => {
    group(snapshot, 2).egress = [];
    group(snapshot, 1).ingress.push(all("0.0.0.0/0"));
    await plane.apply(snapshot);
    expect(await within("i-1", "ping", "-c", "1", "-W", "1", "10.2.0.10")).toContain("1 received");
    expect(await within("i-2", "ping", "-c", "1", "-W", "0.3", "10.1.0.10")).toContain("0 received");
  });

  const perl = (namespace: string, script: string, ...given: string[]) => {
    const [program, ...args] = plane.enter(namespace, ["perl", "-MIO::Socket::INET", "-e", script, ...given]);
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
  };
  /** Tells everybody who asks UDP port 5000 how many bytes came; until the namespaces are gone. */
  const serve = async (namespace: string, address: string) => {
    await perl(namespace, server, address).lines.next();
  };
  /** Sends so many bytes, always from the same port; what the server says to it. */
  const client = (namespace: string, from: string, to: string) => {
    const { child, lines } = perl(namespace, asker, from, to);
    return async (size: number): Promise<string> => {
      child.stdin.write(`${size}\n`);
      return (await lines.next()).value;
    };
  };
});

const server = `
  $| = 1;
  my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $ARGV[0], LocalPort => 5000) or die $!;
  print "ready\n";
  while (defined(my $from = $socket->recv(my $data, 9000))) { $socket->send(length $data, 0, $from); }
`;

const asker = `
  $| = 1;
  my ($own, $port) = split /:/, $ARGV[0];
  my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $own, LocalPort => $port, PeerAddr => $ARGV[1]) or die $!;
  while (my $size = <STDIN>) {
    my $data = "nothing";
    $socket->send("x" x $size);
    vec(my $ready = "", fileno($socket), 1) = 1;
    $socket->recv($data, 9000) if select($ready, undef, undef, 0.5);
    print "$data\n";
  }
`;
