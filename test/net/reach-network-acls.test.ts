import { describe, expect, it } from "vitest";
import { reach } from "../../src/net/reach.ts";
import { networkAclRows, replies, web } from "./network-acl-rows.ts";
import { acl, check, tcpTo } from "./rows.ts";
import { entry, sample } from "./sample.ts";

describe("network ACLs", () => {
  it.each(networkAclRows)("$name", check);

  it("tells which ephemeral ports stay shut for clients that are not Linux", () => {
    const s = sample();
    web(s);
    acl(s, 2).entries = [entry(100, "ingress", "allow"), entry(100, "egress", "allow", replies(32768))];
    const { hops } = reach(s, tcpTo("eni-2", 80));
    const out = hops.find(
      ({ leg, id, direction }) => leg === "return" && id === "acl-2" && direction === "egress",
    );
    expect(out?.reason).toContain("It denies ports 1024-32767, which clients other than Linux may use.");
  });
});
