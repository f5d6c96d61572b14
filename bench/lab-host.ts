// A lab as a process of its own, with what the command line does not offer: quotas, single times. Options as JSON in the
// first argument.
import { systemClock } from "../src/clock.ts";
import { chooseDataPlane } from "../src/lab/data-plane/linux/choose.ts";
import { aws, instant, type Profile } from "../src/lab/profile.ts";
import type { Quotas } from "../src/lab/quotas.ts";
import { startLab } from "../src/lab/server.ts";

export interface HostedLab {
  timing: "instant" | "aws";
  profile?: Partial<Profile>;
  quotas?: Partial<Quotas>;
  /** `model` where it is absent. */
  dataPlane?: "model" | "linux";
  /** 1 where it is absent. */
  seed?: number;
  /** Where its tables are kept; nowhere, where it is absent. */
  dir?: string;
}

const asked = JSON.parse(process.argv[2] ?? "{}") as HostedLab;
const { timing, profile, quotas, dir, dataPlane = "model", seed = 1 } = asked;
const plane = await chooseDataPlane(dataPlane, { clock: systemClock, seed });
if ("lacks" in plane) throw new Error(plane.lacks);
const lab = await startLab({
  profile: { ...{ instant, aws }[timing], ...profile },
  quotas,
  dir,
  seed,
  clock: systemClock,
  dataPlane: plane,
});
process.stdout.write(`${lab.url}\n`);
process.on("SIGTERM", () => void lab.stop().then(() => plane.close()));
