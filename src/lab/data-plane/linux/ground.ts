import type { Clock } from "../../../clock.ts";
import type { World } from "../../world.ts";
import { changes, nothing } from "./changes.ts";
import { enterNamespace } from "./enter.ts";
import { type Holder, HolderError } from "./holder.ts";
import { openInstance, type RunningInstance } from "./instance.ts";
import { type GuestFacts, internet, type Plan } from "./plan.ts";
import { openSockets, type Sockets } from "./sockets.ts";
import { turns } from "./turns.ts";

/**
 * What one holder holds: the namespaces as the plans want them, what listens in them and who is connected. It is made from
 * the tables alone and ends as a whole, so where anything has gone wrong in it, another one takes its place.
 */
export interface Ground {
  readonly holder: Holder;
  /** What the kernel has been brought to. */
  plan(): Plan;
  instance(id: string): RunningInstance | undefined;
  /** Sockets in the internet's namespace; rejects before there is one. */
  outside(): Sockets;
  /** Brings the kernel to a plan. After a failure it is somewhere in between, and the ground is to be closed. */
  follow(plan: Plan, guests: readonly GuestFacts[]): Promise<void>;
  close(): Promise<void>;
}

/** Each is a Node process for a moment, of about 40 MB; more of them than there are processors would not be faster. */
const helpersAtOnce = 4;

export function openGround(options: { holder: Holder; clock: Clock; world: () => World }): Ground {
  const { holder } = options;
  const turn = turns(helpersAtOnce);
  const instances = new Map<string, { boot: string; instance: RunningInstance }>();
  let applied = nothing;
  let outside: Sockets | undefined;

  const openOutside = () => openSockets((command) => enterNamespace(holder, internet, command));
  const attend = async (guests: readonly GuestFacts[]) => {
    const boots = new Map(guests.map(({ id, boot }) => [id, boot]));
    const ended = [...instances].filter(([id, { boot }]) => boots.get(id) !== boot);
    for (const [id] of ended) instances.delete(id);
    await Promise.all(ended.map(([, { instance }]) => instance.end()));
    for (const facts of guests) {
      if (instances.has(facts.id)) continue;
      instances.set(facts.id, { boot: facts.boot, instance: openInstance({ ...options, facts, turn }) });
    }
  };

  return {
    holder,
    plan: () => applied,
    instance: (id) => instances.get(id)?.instance,
    outside: () => {
      if (!outside) throw new HolderError("there is no internet yet");
      if (!outside.isOpen()) outside = openOutside();
      return outside;
    },
    follow: async (plan, guests) => {
      const script = changes(applied, plan);
      if (script !== "") await holder.run(script);
      applied = plan;
      outside ??= openOutside();
      await attend(guests);
    },
    close: async () => {
      await Promise.all([...instances.values()].map(({ instance }) => instance.end()));
      await outside?.close();
      await holder.close();
    },
  };
}
