import type { Clock } from "../../../clock.ts";
import type { DataPlane } from "../data-plane.ts";
import { modelDataPlane } from "../model.ts";
import { linuxDataPlane } from "./linux.ts";
import { probe } from "./probe.ts";

export const dataPlanes = ["auto", "linux", "model"] as const;
export type DataPlaneWish = (typeof dataPlanes)[number];

/** The plane that was taken, and why, in one line; undefined where `linux` was wanted and this machine cannot. */
export async function chooseDataPlane(
  wish: DataPlaneWish,
  options: { clock: Clock; seed: number },
): Promise<{ plane: DataPlane | undefined; why: string }> {
  if (wish === "model") return { plane: modelDataPlane(options), why: "as asked" };
  const found = await probe();
  if (!("lacks" in found)) {
    const why = wish === "linux" ? "as asked" : "this machine can make namespaces, and has ip, nft and ping";
    return { plane: linuxDataPlane({ holder: found, clock: options.clock }), why };
  }
  if (wish === "linux") return { plane: undefined, why: found.lacks };
  return { plane: modelDataPlane(options), why: `no Linux data plane: ${found.lacks}` };
}
