import type { Clock } from "../../../clock.ts";
import type { DataPlane } from "../data-plane.ts";
import { deferredDataPlane } from "../deferred.ts";
import { modelDataPlane } from "../model.ts";
import { linuxDataPlane } from "./linux.ts";
import { type ProbeOptions, probe } from "./probe.ts";

export const dataPlanes = ["auto", "linux", "model"] as const;
export type DataPlaneWish = (typeof dataPlanes)[number];

type Parts = { clock: Clock; seed: number } & Omit<ProbeOptions, "clock">;

/** The plane that is wished for, or what this machine lacks for it; `auto` always finds one. */
export async function chooseDataPlane(
  wish: DataPlaneWish,
  { clock, seed, ...options }: Parts,
): Promise<DataPlane | { lacks: string }> {
  if (wish === "model") return model({ clock, seed }, "as asked");
  if (wish === "auto") return automaticPlane({ clock, seed, ...options });
  // Whoever wants this one can wait.
  const found = await probe({ limit: 30_000, ...options, clock });
  return "lacks" in found ? found : linuxDataPlane({ holder: found, clock, why: "as asked" });
}

/** `auto`, without waiting for what it comes to. */
export function automaticDataPlane(parts: Omit<Parts, "signal">): ReturnType<typeof deferredDataPlane> {
  return deferredDataPlane((signal) => automaticPlane({ ...parts, signal }));
}

async function automaticPlane({ clock, seed, ...options }: Parts): Promise<DataPlane> {
  const found = await probe({ ...options, clock });
  if ("lacks" in found) return model({ clock, seed }, `no real packets on this machine: ${found.lacks}`);
  const why = "packets are real, as this machine can make network namespaces";
  return linuxDataPlane({ holder: found, clock, why });
}

function model(parts: { clock: Clock; seed: number }, why: string): DataPlane {
  return { ...modelDataPlane(parts), why: () => why };
}
