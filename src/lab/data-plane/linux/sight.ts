import type { Snapshot } from "../../../net/types.ts";
import { type Sight, SightError } from "../sight.ts";
import { openCapture } from "./capture.ts";
import type { Holder } from "./holder.ts";
import type { RunningInstance } from "./instance.ts";
import type { NumberOf, Plan } from "./plan.ts";
import { followTrace, noTrace, readCounts, type TraceEnd, traceTable } from "./trace.ts";

/** More than these are not kept: the oldest ends, as whoever began it may have gone. */
const mostTraces = 16;

/** What the plane shows of its packets. `settled` resolves when the kernel is as the tables are. */
export function linuxSight(parts: {
  holder: Pick<Holder, "run">;
  settled: () => Promise<void>;
  plan: () => Plan;
  snapshot: () => Snapshot;
  numberOf: NumberOf;
  instance: (id: string) => RunningInstance | undefined;
}): Sight {
  const { holder, settled, plan, snapshot, numberOf, instance } = parts;
  const traces = new Map<string, { namespaces: string[]; ends: readonly [TraceEnd, TraceEnd] }>();
  let begun = 0;
  const each = (namespaces: readonly string[], nft: string) =>
    namespaces.map((name) => `nsenter --net=/run/netns/${name} ${nft}`).join("\n");
  /** Those of a trace's namespaces that are still there, if not the same ones. */
  const present = (namespaces: readonly string[]) =>
    namespaces.filter((name) => plan().namespaces.get(name)?.kind === "network");
  const end = async (trace: string) => {
    const left = present(traces.get(trace)?.namespaces ?? []);
    traces.delete(trace);
    if (left.length > 0) await holder.run(each(left, `nft -f - <<'NFT'\n${noTrace(trace)}NFT`));
  };
  const endOf = (id: string): TraceEnd => {
    const row = snapshot().interfaces.find((one) => one.id === id);
    if (!row?.addresses[0]) throw new SightError(`there is no network interface ${id}`);
    return { id, n: numberOf(id), address: row.addresses[0].private };
  };
  return {
    capture: async (asked, filter, signal) => {
      await settled();
      const ids = instancesAt(snapshot(), asked).filter((id) => instance(id) !== undefined);
      const [id, ...others] = ids;
      const running = instance(id ?? "");
      if (!running) throw new SightError(`no running instance has the id or address ${asked}`);
      if (others.length > 0) {
        throw new SightError(`${asked} is at several running instances: name one of ${ids.join(", ")}`);
      }
      return openCapture(await running.inside(), filter, signal);
    },
    startTrace: async (from, to) => {
      await settled();
      const ends = [endOf(from), endOf(to)] as const;
      const [oldest] = traces.keys();
      if (oldest !== undefined && traces.size >= mostTraces) await end(oldest);
      begun += 1;
      const trace = `peerctl_trace_${begun}`;
      const namespaces = present([...plan().namespaces.keys()]);
      traces.set(trace, { namespaces, ends });
      await holder.run(each(namespaces, `nft -f - <<'NFT'\n${traceTable(trace, ends)}NFT`));
      return trace;
    },
    stopTrace: async (trace) => {
      const known = traces.get(trace);
      if (!known) throw new SightError(`there is no trace ${trace}`);
      await settled();
      const names = present(known.namespaces);
      // What was made anew meanwhile has no such table.
      const listed = names
        .map(
          (n) => `echo "@ ${n}"\nnsenter --net=/run/netns/${n} nft list table ip ${trace} 2>/dev/null || :`,
        )
        .join("\n");
      const printed = await holder.run(listed);
      await end(trace);
      const counts = new Map(
        printed
          .split(/^@ /m)
          .slice(1)
          .map((part) => [part.slice(0, part.indexOf("\n")), readCounts(part)] as const),
      );
      const lost = names.filter((name) => !counts.get(name));
      if (lost.length > 0) {
        throw new SightError(`${lost.join(", ")} was made anew meanwhile, and its counts are gone`);
      }
      const ids = new Map(snapshot().interfaces.map(({ id }) => [numberOf(id), id]));
      return followTrace(
        plan(),
        (name) => counts.get(name) ?? new Map(),
        known.ends,
        (n) => ids.get(n) ?? "",
      );
    },
  };
}

/** The instances that an id or an address may mean: addresses repeat, in VPCs that have nothing to do with each other. */
function instancesAt({ interfaces }: Snapshot, asked: string): string[] {
  const meant = interfaces.filter((row) =>
    [row.id, row.instance, ...row.addresses.flatMap((own) => [own.private, own.public])].includes(asked),
  );
  return [...new Set(meant.flatMap((row) => row.instance ?? []))];
}
