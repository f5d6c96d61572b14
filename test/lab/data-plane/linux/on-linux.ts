import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe } from "vitest";
import { systemClock } from "../../../../src/clock.ts";
import { openHolder } from "../../../../src/lab/data-plane/linux/holder.ts";
import { type LinuxDataPlane, linuxDataPlane } from "../../../../src/lab/data-plane/linux/linux.ts";
import { probe } from "../../../../src/lab/data-plane/linux/probe.ts";
import type { World } from "../../../../src/lab/world.ts";
import { keyPair, outside } from "../outside.ts";
import { publicAddress, tutorialWorld } from "../tutorial-world.ts";

// A busy machine may be slow without lacking anything.
const found = await probe({ limit: 30_000 });
const lacks = "lacks" in found ? found.lacks : undefined;
if (!("lacks" in found)) await found.close();
else if (process.env.PEERCTL_REQUIRE_PEERS === "1") throw new Error(`no Linux data plane: ${lacks}`);
else console.warn(`the Linux data plane is not tested here: ${lacks}`);

/** A suite that needs the Linux plane: skipped where the machine has none, unless that must not be, as in CI. */
export const describeOnLinux = describe.skipIf(lacks !== undefined);

const key = keyPair();

/** Lets the one key of the tests into the tutorial's first instance; gives what logs in with it. */
export function tutorialKey({ pushedKeys }: World) {
  pushedKeys.set("i-1", [{ user: "ec2-user", key: key.public, until: systemClock.now() + 60_000 }]);
  return { username: "ec2-user", privateKey: key.private };
}

/** The tutorial's world on a plane of its own for each test of the suite around. */
export function tutorialOnLinux() {
  let world: ReturnType<typeof tutorialWorld>;
  let plane: LinuxDataPlane;
  let lab: Awaited<ReturnType<typeof outside>>;
  beforeEach(async () => {
    world = tutorialWorld(systemClock.now());
    plane = linuxDataPlane({ holder: openHolder(), clock: systemClock });
    plane.apply(world);
    lab = await outside(plane, () => world);
  });
  afterEach(() => lab.close());
  return {
    get world() {
      return world;
    },
    get plane() {
      return plane;
    },
    get lab() {
      return lab;
    },
    /** Puts another world in the place of this one, as a reset of the lab does. */
    replace: (by: ReturnType<typeof tutorialWorld>) => {
      world = by;
      plane.apply(world);
    },
    change: (by: () => void) => {
      by();
      plane.apply(world);
    },
    login: () => lab.login(`${publicAddress}:22`, tutorialKey(world)),
    /** Runs a program in a namespace; its output, whether it failed or not. */
    within: async (namespace: string, ...command: string[]): Promise<string> => {
      await plane.settled();
      return outputOf(plane.enter(namespace, command));
    },
    /** Runs a program inside of an instance, as its user. */
    inside: async (instance: string, ...command: string[]): Promise<string> => {
      await plane.settled();
      const enter = await plane.instance(instance)!.inside();
      return outputOf(enter(command));
    },
  };
}

function outputOf([program, ...args]: [string, ...string[]]): Promise<string> {
  return promisify(execFile)(program, args).then(
    ({ stdout }) => stdout,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
}
