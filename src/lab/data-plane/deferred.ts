import { refuse } from "../connect-proxy.ts";
import type { World } from "../world.ts";
import type { DataPlane } from "./data-plane.ts";
import { type Sight, SightError } from "./sight.ts";

/**
 * Stands for a plane that is still being chosen, so that the lab answers meanwhile: whoever wants to connect or to look waits
 * for it. `choose` ends early where its signal aborts; its plane, too, is fenced.
 */
export function deferredDataPlane(choose: (signal: AbortSignal) => Promise<DataPlane>): DataPlane & {
  readonly chosen: Promise<DataPlane>;
} {
  const closing = new AbortController();
  let plane: DataPlane | undefined;
  let latest: World | undefined;
  const chosen = choose(closing.signal).then((found) => {
    plane = found;
    if (latest && !closing.signal.aborted) found.apply(latest);
    return found;
  });
  chosen.catch(() => undefined);

  const real = async (): Promise<Sight> => {
    const { sight } = await chosen;
    if (!sight) throw new SightError("packets are not real here: the lab runs on its model");
    return sight;
  };
  const waiting: Sight = {
    capture: async (...asked) => (await real()).capture(...asked),
    startTrace: async (...ends) => (await real()).startTrace(...ends),
    stopTrace: async (trace) => (await real()).stopTrace(trace),
  };
  return {
    chosen,
    get name() {
      return plane?.name ?? "undecided";
    },
    why: () => (plane ? plane.why?.() : "whether packets can be real here is being tried"),
    get sight() {
      return plane ? plane.sight : waiting;
    },
    apply: (world) => {
      latest = world;
      plane?.apply(world);
    },
    connect: (world, target, socket, head) => {
      if (plane) return plane.connect(world, target, socket, head);
      // Held back until then: a socket that nobody reads gives no data, and a client that leaves is noticed later.
      socket.on("error", () => socket.destroy());
      chosen.then(
        (found) => found.connect(world, target, socket, head),
        (error: Error) => refuse(socket, 502, `the lab failed: ${error.message.replace(/\s+/g, " ")}`),
      );
    },
    close: async () => {
      closing.abort(new Error("the lab ends"));
      await chosen.then(
        (found) => found.close(),
        () => undefined,
      );
    },
  };
}
