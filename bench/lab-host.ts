// A lab as a process of its own, with what the command line does not offer: quotas. Options as JSON in the first argument.
import { systemClock } from "../src/clock.ts";
import { modelDataPlane } from "../src/lab/data-plane/model.ts";
import { aws, instant, type Profile } from "../src/lab/profile.ts";
import type { Quotas } from "../src/lab/quotas.ts";
import { startLab } from "../src/lab/server.ts";

export interface HostedLab {
  timing: "instant" | "aws";
  profile?: Partial<Profile>;
  quotas?: Partial<Quotas>;
}

const { timing, profile, quotas } = JSON.parse(process.argv[2] ?? "{}") as HostedLab;
const lab = await startLab({
  profile: { ...{ instant, aws }[timing], ...profile },
  quotas,
  seed: 1,
  clock: systemClock,
  dataPlane: modelDataPlane({ clock: systemClock }),
});
process.stdout.write(`${lab.url}\n`);
process.on("SIGTERM", () => void lab.stop());
