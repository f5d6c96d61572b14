import type { Clock } from "../../../clock.ts";
import type { DataPlane } from "../data-plane.ts";
import { modelDataPlane } from "../model.ts";
import { linuxDataPlane } from "./linux.ts";
import { probe } from "./probe.ts";

export const dataPlanes = ["auto", "linux", "model"] as const;
export type DataPlaneWish = (typeof dataPlanes)[number];

/** The plane that is wished for, or what this machine lacks for it; `auto` always finds one. */
export async function chooseDataPlane(
  wish: DataPlaneWish,
  options: { clock: Clock; seed: number },
): Promise<DataPlane | { lacks: string }> {
  const model = (why: string) => ({ ...modelDataPlane(options), why: () => why });
  if (wish === "model") return model("as asked");
  const found = await probe();
  if (!("lacks" in found)) {
    const why =
      wish === "linux" ? "as asked" : "packets are real, as this machine can make network namespaces";
    return linuxDataPlane({ holder: found, clock: options.clock, why });
  }
  if (wish === "linux") return found;
  return model(`no real packets on this machine: ${found.lacks}`);
}
