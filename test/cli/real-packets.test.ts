import { expect, test } from "vitest";
import { place } from "../support/program.ts";
import { describeRealPackets } from "../support/real-packets.ts";

const enis = (text: string) => [...text.matchAll(/groups of (eni-\w+): (.*)/g)].map((found) => found[2]);

describeRealPackets("real packets on the command line", () => {
  const { peerctl, start } = place();
  const lab = (...args: string[]) => peerctl("--lab", ...args);
  const other = (...args: string[]) => lab("--state", "other.json", "--name", "other", ...args);

  // One after the other, as a person goes through it.

  test("the lesson of the tutorial: the drop at the group of instance 2", async () => {
    for (const step of ["create-vpcs", "peer", "route", "launch", "eip"]) {
      const { code, stderr } = await lab(step);
      expect(code, stderr).toBe(0);
    }
    const { code, stdout } = await lab("test-ping", "--count", "2", "--trace");
    expect(code).toBe(2);
    expect(stdout).toMatch(/router of vpc-\w+: 2 in, 2 out\n/);
    expect(enis(stdout)).toEqual(["2 in, 2 out", "2 in, 0 out  <- 2 dropped here"]);
    expect(stdout).not.toContain("reply    ");
  });

  test("the whole way once it lets ICMP in", async () => {
    expect((await lab("open-icmp")).code).toBe(0);
    const { code, stdout } = await lab("test-ping", "--count", "2", "--trace");
    expect(code, stdout).toBe(0);
    expect(enis(stdout)).toEqual(new Array(4).fill("2 in, 2 out"));
    const json = await lab("test-ping", "--count", "1", "--trace", "--json");
    expect(JSON.parse(json.stdout).pairs[0].trace).toHaveLength(8);
  });

  test("a second stack has the same addresses, and its own trace", async () => {
    for (const step of ["create-vpcs", "peer", "route", "launch", "eip"]) {
      const { code, stderr } = await other(step);
      expect(code, stderr).toBe(0);
    }
    const { code, stdout } = await other("test-ping", "--count", "2", "--trace");
    expect(code).toBe(2);
    expect(enis(stdout)).toEqual(["2 in, 2 out", "2 in, 0 out  <- 2 dropped here"]);
  });

  test("lab tcpdump: an address that several have is refused, with their ids; one of those is shown", async () => {
    const refused = await peerctl("lab", "tcpdump", "10.2.0.4", "icmp");
    expect(refused.code).toBe(1);
    const ids = refused.stderr.match(/\bi-[0-9a-f]{17}/g);
    expect(ids, refused.stderr).toHaveLength(2);
    const captures = ids!.map((id) => start(["lab", "tcpdump", id, "icmp"]));
    const shows = (text: string) =>
      captures.map(
        ({ child }) =>
          new Promise<void>((done) => {
            let seen = "";
            child.stdout!.on("data", (part) => {
              seen += part;
              if (seen.includes(text)) done();
            });
          }),
      );
    const echo = Promise.race(shows("ICMP echo request"));
    await Promise.all(shows("listening on"));
    await lab("test-ping", "--count", "1");
    await echo;
    for (const { child } of captures) child.kill("SIGINT");
    const ended = await Promise.all(captures.map((each) => each.ended));
    const shown = ended.filter(({ stdout }) => stdout.includes("ICMP echo request"));
    expect(shown).toHaveLength(1);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  });

  test("lab tcpdump: what is nowhere, and what tcpdump refuses", async () => {
    const nowhere = await peerctl("lab", "tcpdump", "i-none", "icmp");
    expect(nowhere).toMatchObject({ code: 1, stdout: "" });
    expect(nowhere.stderr).toContain("no running instance has the id or address i-none");
    const [id] = (await lab("status", "--json")).stdout.match(/\bi-[0-9a-f]{17}/)!;
    const filter = await peerctl("lab", "tcpdump", id, "no", "filter");
    expect(filter).toMatchObject({ code: 1, stdout: "" });
    expect(filter.stderr).toContain("syntax error");
  });
}, ["tcpdump"]);
