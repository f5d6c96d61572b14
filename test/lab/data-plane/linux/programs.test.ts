import { expect, test } from "vitest";
import { program } from "../../../support/which.ts";
import { exec } from "../outside.ts";
import { allow, icmpFrom } from "../tutorial-world.ts";
import { describeOnLinux, tutorialOnLinux } from "./on-linux.ts";

const far = "10.2.0.4";

/** Programs of the machine as they are used in an instance, over SSH; `beside` runs in the other instance meanwhile. */
const uses: { program: string; command: string; beside?: string; shows: RegExp; besideShows?: RegExp }[] = [
  { program: "ping", command: `ping -c 1 ${far}`, shows: / 1 received/ },
  {
    program: "nc",
    beside: "nc -l 7000 </dev/null",
    command: `for i in $(seq 50); do echo hello | nc -w 1 ${far} 7000 && break; sleep 0.1; done`,
    shows: /^$/,
    besideShows: /^hello$/m,
  },
  {
    program: "curl",
    beside: String.raw`printf 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello' | nc -l 7001`,
    command: `curl -s --retry 50 --retry-delay 0 --retry-connrefused --max-time 5 http://${far}:7001/`,
    shows: /^hello$/,
    besideShows: /^GET \/ HTTP/m,
  },
  {
    program: "iperf3",
    beside: "iperf3 -s -1",
    command: `for i in $(seq 50); do iperf3 -c ${far} -n 1M && break; sleep 0.1; done`,
    shows: /bits\/sec.*receiver/,
  },
  // The VPC's routers do not show, so the other instance is the first hop.
  { program: "traceroute", command: `traceroute -n ${far}`, shows: /^ 1 +10\.2\.0\.4 /m },
  { program: "tracepath", command: `tracepath -n ${far}`, shows: /pmtu 9001.*10\.2\.0\.4.*reached/s },
  {
    program: "tcpdump",
    command: `timeout 10 tcpdump -n -c 1 icmp & sleep 1; ping -c 3 -i 0.2 ${far} > /dev/null; wait`,
    shows: new RegExp(`10\\.1\\.0\\.4 > ${far.replaceAll(".", "\\.")}: ICMP echo request`),
  },
];
const required = process.env.PEERCTL_REQUIRE_PEERS === "1";

describeOnLinux("programs in an instance", () => {
  const at = tutorialOnLinux();
  for (const { program: name, command, beside, shows, besideShows = /.?/ } of uses) {
    test.skipIf(!required && program(name) === undefined)(name, async () => {
      at.change(() => {
        allow(at.world.home, "sg-2", icmpFrom("0.0.0.0/0"));
        allow(at.world.home, "sg-2", { IpProtocol: "-1", CidrIpv4: "10.1.0.0/16" });
      });
      const client = await at.login();
      const served = beside === undefined ? "" : at.inside("i-2", "timeout", "15", "bash", "-c", beside);
      expect((await exec(client, command)).out.trimEnd()).toMatch(shows);
      expect(await served).toMatch(besideShows);
      client.end();
    });
  }
});
