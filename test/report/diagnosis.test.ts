import { expect, test } from "vitest";
import { reach } from "../../src/net/reach.ts";
import { diagnosisText } from "../../src/report/diagnosis.ts";
import { find, ping12, sample } from "../net/sample.ts";

function textOf(packets?: { arrived: boolean }, explain = false) {
  const snapshot = sample();
  find(snapshot.securityGroups, "sg-2").ingress = [];
  const verdict = reach(snapshot, ping12);
  const findings = verdict.blockers.map(({ id, reason, leg }) => ({ id, reason, leg, page: "https://page" }));
  return diagnosisText(
    {
      from: { text: "vpc-1", address: "10.1.0.10" },
      to: { text: "vpc-2", address: "10.2.0.10" },
      verdict,
      hops: verdict.hops,
      findings,
      remedies: [],
      notices: [],
    },
    {
      explain,
      isPlain: true,
      packets: packets && {
        ...packets,
        probe: "4 pings",
        detail: "4 sent",
        agrees: packets.arrived === false,
      },
    },
  );
}

test("the path is a line each way, with a cross where the packet is dropped", () => {
  expect(textOf().split("\n\n")[1]).toBe(
    [
      "there  vpc-1 ── sg ── acl ── rtb ── pcx ── acl ─✗─ sg ── vpc-2",
      "back   vpc-2 ── sg ── acl ── rtb ── pcx ── acl ── sg ── vpc-1",
    ].join("\n"),
  );
});

test("packets that say otherwise are pointed out, those that agree are not", () => {
  expect(textOf({ arrived: true })).toContain("4 pings: arrived (4 sent); packets and tables disagree");
  expect(textOf({ arrived: false })).toContain("4 pings: lost (4 sent); the tables say the same");
});

test("--explain tells of each kind of thing once, with its page", () => {
  const text = textOf(undefined, true);
  expect(text.match(/^security-group: /gm)).toHaveLength(1);
  expect(text).toContain("https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html");
  expect(textOf()).not.toContain("https://");
});
