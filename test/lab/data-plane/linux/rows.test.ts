import { afterAll, beforeAll, expect, test } from "vitest";
import { internet } from "../../../../src/lab/data-plane/linux/plan.ts";
import { resolveEnds } from "../../../../src/net/endpoints.ts";
import { index } from "../../../../src/net/network.ts";
import { reach } from "../../../../src/net/reach.ts";
import type { Probe, Snapshot } from "../../../../src/net/types.ts";
import { ask, type Question, runningInstances } from "../../../differential/ask.ts";
import { differenceOf, expectedOf, isComplete } from "../../../differential/expected.ts";
import { inspectionRows } from "../../../net/inspection-rows.ts";
import { internetRows } from "../../../net/internet-rows.ts";
import { middleboxRows } from "../../../net/middlebox-rows.ts";
import { networkAclRows } from "../../../net/network-acl-rows.ts";
import { peeringRows } from "../../../net/peering-rows.ts";
import { ping12, sample } from "../../../net/sample.ts";
import { describeRealPackets } from "../../../support/real-packets.ts";
import { snapshotPlane } from "./snapshot-plane.ts";

/** In Linux's range of ephemeral ports, as `net/` takes one where none is given. */
const firstPort = 40_000;

describeRealPackets("what is written down of net/ holds for the kernel too", () => {
  let plane: Awaited<ReturnType<typeof snapshotPlane>>;
  beforeAll(async () => {
    plane = await snapshotPlane();
  });
  afterAll(() => plane.close());

  const rows = [...peeringRows, ...internetRows, ...middleboxRows, ...inspectionRows, ...networkAclRows];
  test.each(rows.map((row, n) => ({ ...row, n })))("$name", async ({ change, probe = ping12, n }) => {
    const snapshot = sample();
    change?.(snapshot);
    const question = questionOf(snapshot, probe, firstPort + n);
    // Each row's network comes out of the one before.
    await plane.apply(snapshot);
    const verdict = reach(snapshot, probe);
    const expected = expectedOf(verdict, question);
    if (question.namespace !== internet && !runningInstances(snapshot).includes(question.namespace)) {
      expect(expected.answered).toBe(false);
      return;
    }
    const [seen] = await ask(plane.enter, snapshot, [question], {
      patience: 2000,
      enough: ([one]) => isComplete(expected, one!),
    });
    expect(differenceOf(expected, seen!)).toBeUndefined();
  });
});

function questionOf(snapshot: Snapshot, probe: Probe, sourcePort: number): Question {
  const ends = resolveEnds(index(snapshot), probe);
  if ("lacks" in ends) throw new Error("a row without a packet");
  return {
    probe,
    namespace: ends.from?.source.instance ?? internet,
    source: ends.source.text,
    sourcePort: probe.sourcePort ?? sourcePort,
    destination: ends.destination.text,
  };
}
