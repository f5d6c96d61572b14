import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/clock.ts";

/** A folder of the test's own, gone after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "peerctl-state-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that stands at `start` and moves only by sleeping. */
export function handClock(start = Date.parse("2026-01-02T03:04:05.000Z")): Clock {
  let now = start;
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
    },
  };
}

export const binding = { account: "111122223333", region: "eu-central-1", endpoint: "aws" };

export const create = {
  name: "peerctl",
  uuid: "0d3f4a52-6a54-4f4e-9a5e-0c4f6f1f7a11",
  topology: {
    vpcs: [
      { name: "vpc-1", cidr: "10.1.0.0/16", subnetCidr: "10.1.0.0/24", connects: true },
      { name: "vpc-2", cidr: "10.2.0.0/16", subnetCidr: "10.2.0.0/24", connects: false },
    ],
    peerings: [{ requester: "vpc-1", accepter: "vpc-2" }],
  },
};
