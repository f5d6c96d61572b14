import { readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { isRead } from "../../src/aws/aws.ts";
import { inventory } from "../crash/support/inventory.ts";
import { peerctl } from "../crash/support/peerctl.ts";
import { openPlace, type Place } from "../crash/support/place.ts";

/** The commands that promise to change nothing: not on AWS, and not on the disk. */
const looking: string[][] = [
  ["status"],
  ["status", "--json"],
  ["up", "--dry-run"],
  ["up", "--dry-run", "--json"],
  ["down", "--dry-run"],
  ["down", "--dry-run", "--json"],
  ["teardown", "peer", "--dry-run"],
  ["teardown", "launch", "eip", "--dry-run"],
  ["doctor"],
  ["doctor", "--json"],
  ["doctor", "vpc-1", "vpc-2", "--explain"],
  ["graph"],
  ["graph", "--format", "svg"],
];

const situations: Record<string, (place: Place) => Promise<void>> = {
  "nothing is made": async () => {},
  "half is made": async (place) => {
    await peerctl(place, ["create-vpcs"]);
    await peerctl(place, ["launch"]);
  },
  "all is made": async (place) => {
    await peerctl(place, ["up"]);
  },
  "a run was killed": async (place) => {
    await peerctl(place, ["create-vpcs"]);
    const state = JSON.parse(readFileSync(place.statePath, "utf8"));
    for (const key of ["subnet/vpc-1", "vpc/vpc-2"]) {
      delete state.resources[key];
      state.intents[key] = { step: "create-vpcs", at: "2026-01-02T03:04:05.000Z", generation: 1 };
    }
    writeFileSync(place.statePath, JSON.stringify(state));
  },
};

test.each(Object.keys(situations))("when %s, looking changes nothing and writes nothing", async (name) => {
  const place = await openPlace();
  onTestFinished(() => place.close());
  await situations[name]!(place);
  const picture = () => ({
    account: inventory(place),
    files: place.files().map((file) => {
      const { ino, mtimeMs } = statSync(`${place.folder}/${file}`);
      return { file, ino, mtimeMs, text: readFileSync(`${place.folder}/${file}`, "utf8") };
    }),
  });
  const before = picture();
  const calls = place.lab.log.entries.length;
  for (const args of looking) {
    const { code, stderr } = await peerctl(place, args);
    expect([0, 1, 2], `${args.join(" ")}: ${stderr}`).toContain(code);
    expect(picture(), args.join(" ")).toEqual(before);
  }
  const made = place.lab.log.entries.slice(calls).map(({ action }) => action);
  expect(made.length).toBeGreaterThan(looking.length);
  expect(made.filter((action) => !isRead(action))).toEqual([]);
});
