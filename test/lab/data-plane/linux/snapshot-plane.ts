import { changes, nothing } from "../../../../src/lab/data-plane/linux/changes.ts";
import { numbers } from "../../../../src/lab/data-plane/linux/numbers.ts";
import { type GuestFacts, type Plan, planOf } from "../../../../src/lab/data-plane/linux/plan.ts";
import { addressOf, cidr } from "../../../../src/net/cidr.ts";
import type { Snapshot } from "../../../../src/net/types.ts";
import { openNamespaces } from "../../../support/real-packets.ts";

/** The kernel's side of any snapshot, without a lab: what `planOf` and `changes` make of it, one snapshot after another. */
export async function snapshotPlane() {
  const holder = await openNamespaces();
  const numberOf = numbers();
  let applied: Plan = nothing;
  return {
    holder,
    enter: (namespace: string, command: readonly string[]) =>
      holder.enter(["nsenter", `--net=/run/netns/${namespace}`, ...command]),
    apply: async (snapshot: Snapshot) => {
      const plan = planOf(snapshot, guestsIn(snapshot), numberOf);
      const script = changes(applied, plan);
      if (script !== "") await holder.run(script);
      applied = plan;
    },
    close: holder.close,
  };
}

function guestsIn({ instances, interfaces, subnets }: Snapshot): GuestFacts[] {
  return instances
    .filter(({ state }) => state === "running")
    .map(({ id }) => ({
      id,
      boot: "1",
      hostname: id,
      links: interfaces
        .filter((each) => each.instance === id)
        .map((each, place) => {
          const block = cidr(subnets.find((one) => one.id === each.subnet)!.cidrs[0]!);
          return {
            id: each.id,
            name: `ens${5 + place}`,
            mac: `02:00:00:00:00:0${1 + place}`,
            addresses: each.addresses.map((own) => own.private).filter((text) => !text.includes(":")),
            prefixLength: block.prefix,
            router: addressOf(4, Number(block.first) + 1).text,
          };
        }),
    }));
}
