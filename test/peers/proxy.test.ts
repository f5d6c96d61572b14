import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LabUnderTest, startBuiltLab } from "./support/lab.ts";
import { describePeers, program } from "./support/peers.ts";
import { run } from "./support/run.ts";

const curl = program("curl");
const ssh = program("ssh");
const nc = program("nc");

/** Every way that we know to write this machine, or to be led to it; a proxy that resolved or dialled would get there. */
const spellings = [
  "127.0.0.1",
  "127.1",
  "127.0.0.2",
  "0.0.0.0",
  "0",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "2130706433",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "lab.localhost",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[0:0:0:0:0:0:0:1]",
  "203.0.113.1.localhost",
  "203.0.113.1@127.0.0.1",
  "127.0.0.1#203.0.113.1",
  "203.0.113.1%00.localhost",
  "203.0.113.256",
  "203.0.113.01",
  "0xcb.0.0x71.1",
  "203.0.28929",
  "3405803777",
  "203.0.113.1.",
];
/** Others that a lab has no business with: private, link-local (instance metadata), documentation, public. */
const elsewhere = [
  "10.1.0.4",
  "10.2.0.4",
  "169.254.169.254",
  "[fd00:ec2::254]",
  "192.168.0.1",
  "198.51.100.7",
  "192.0.2.1",
  "203.0.112.255",
  "203.0.114.0",
  "ec2.us-east-1.amazonaws.com",
];

describePeers("HTTP CONNECT through the lab reaches lab addresses only", [curl, ssh, nc], () => {
  let lab: LabUnderTest;
  let canary: Server;
  let port: number;
  let visitors = 0;

  beforeAll(async () => {
    lab = await startBuiltLab();
    // All of this machine's addresses: none of them may be reached by whatever name.
    canary = createServer((socket) => {
      visitors++;
      socket.on("error", () => socket.destroy());
      socket.end("SSH-2.0-canary\r\n");
    });
    canary.listen(0, "::");
    await once(canary, "listening");
    port = (canary.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await new Promise((resolve) => canary?.close(resolve));
    await lab?.stop();
  });

  /** The proxy's answer to a CONNECT, by curl; 0 where there is none. */
  const connect = async (target: string): Promise<number> => {
    const args = ["-s", "-o", "/dev/null", "-w", "%{http_connect}", "--max-time", "5", "--noproxy", ""];
    const { stdout } = await run(
      curl.found!,
      [...args, "-p", "-x", lab.url, "--request-target", "/", `http://${target}/`],
      { env: lab.env },
    );
    return Number(stdout);
  };
  /** The same over a bare socket: what curl would tidy up or refuse to send goes out as written. */
  const connectRaw = async (target: string): Promise<string> => {
    const socket = createConnection(lab.port, "127.0.0.1").setEncoding("utf8").setTimeout(5000);
    socket.on("timeout", () => socket.destroy(new Error(`no answer to CONNECT ${target}`)));
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    const [answer] = (await once(socket, "data")) as [string];
    socket.destroy();
    return answer;
  };

  it("the canary sings when it is reached without the lab", async () => {
    const before = visitors;
    const { stdout } = await run(nc.found!, ["-w", "5", "127.0.0.1", String(port)], { env: lab.env });
    expect(stdout).toContain("canary");
    expect(visitors).toBe(before + 1);
    visitors = 0;
  });

  it.each(["127.0.0.1", "localhost", "[::1]", "10.1.0.4", "169.254.169.254"])(
    "curl: %s is refused",
    async (host) => {
      expect(await connect(`${host}:${port}`)).toBe(403);
      expect(visitors).toBe(0);
    },
  );

  it.each([...spellings, ...elsewhere])("a CONNECT to %s is refused, whatever the port", async (host) => {
    for (const each of [port, lab.port, 22]) {
      expect(await connectRaw(`${host}:${each}`)).toMatch(/^HTTP\/1\.1 (400|403) /);
    }
    expect(visitors).toBe(0);
  });

  it("nor are this machine's own addresses", async () => {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address, family } of own) {
      const host = family === "IPv6" ? `[${address}]` : address;
      expect(await connectRaw(`${host}:${port}`)).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect(visitors).toBe(0);
  });

  it.each([
    "",
    ":22",
    "203.0.113.1",
    "203.0.113.1:",
    "203.0.113.1:0",
    "203.0.113.1:65536",
    "203.0.113.1:-22",
  ])("a malformed target (%j) is refused", async (target) => {
    expect(await connectRaw(target)).toMatch(/^HTTP\/1\.1 (400|403) /);
    expect(visitors).toBe(0);
  });

  it("a request for an absolute URL, the other way to use a proxy, is not forwarded", async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "169.254.169.254"]) {
      const args = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", "--noproxy", ""];
      const { stdout } = await run(
        curl.found!,
        [...args, "-x", lab.url, `http://${host}/latest/meta-data/`],
        {
          env: lab.env,
        },
      );
      expect(stdout).toMatch(/^[45]\d\d$/);
    }
    expect(visitors).toBe(0);
  });

  it("ssh -o ProxyCommand gets nowhere", async () => {
    for (const host of ["127.0.0.1", "localhost", "10.2.0.4", "::1"]) {
      const proxy = `ProxyCommand=${nc.found} -X connect -x 127.0.0.1:${lab.port} %h %p`;
      const options = ["-F", "none", "-o", proxy, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"];
      const hostKeys = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
      const { code, stderr } = await run(
        ssh.found!,
        [...options, ...hostKeys, "-p", String(port), `ec2-user@${host}`, "true"],
        { env: lab.env, timeout: 20_000 },
      );
      expect(code).toBe(255);
      expect(stderr).not.toContain("canary");
    }
    expect(visitors).toBe(0);
  });

  it("an address of the lab that nobody has stays silent, as on the internet", async () => {
    // No answer within curl's five seconds: neither refused nor connected.
    expect(await connect("203.0.113.9:22")).toBe(0);
  });
});
