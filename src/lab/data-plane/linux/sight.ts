import { spawn } from "node:child_process";
import type { Snapshot } from "../../../net/types.ts";
import { type Sight, SightError } from "../sight.ts";
import type { Holder } from "./holder.ts";
import { killGroup } from "./kill-group.ts";
import type { RunningInstance } from "./instance.ts";
import type { NumberOf, Plan } from "./plan.ts";
import { followTrace, noTrace, readCounts, traceTable } from "./trace.ts";

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
  let tracing: { names: string[]; ends: readonly [string, string] } | undefined;
  const each = (names: readonly string[], nft: (name: string) => string) =>
    names.map((name) => `nsenter --net=/run/netns/${name} ${nft(name)}`).join("\n");
  const end = async () => {
    const names = tracing?.names.filter((name) => plan().namespaces.has(name)) ?? [];
    tracing = undefined;
    if (names.length > 0) await holder.run(each(names, () => `nft -f - <<'NFT'\n${noTrace}NFT`));
  };
  return {
    capture: async (asked, filter, signal) => {
      if (filter.startsWith("-")) throw new SightError(`"${filter}" is no filter of tcpdump's`);
      await settled();
      const row = snapshot().interfaces.find((one) =>
        [one.instance, ...one.addresses.flatMap((own) => [own.private, own.public])].includes(asked),
      );
      const running = row?.instance === undefined ? undefined : instance(row.instance);
      if (!running) throw new SightError(`no running instance has the id or address ${asked}`);
      const enter = await running.inside();
      const [program, ...args] = enter(["sh", "-c", 'exec tcpdump -l -n -i any -- "$1" 2>&1', "sh", filter]);
      const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "ignore"] });
      const stop = () => killGroup(child, "SIGKILL");
      child.once("error", () => child.stdout.destroy());
      signal.addEventListener("abort", stop, { once: true });
      return child.stdout;
    },
    startTrace: async (a, b) => {
      await settled();
      const known = (text: string) =>
        snapshot().interfaces.find((row) => row.addresses.some((own) => own.private === text))?.id;
      const [from, to] = [known(a), known(b)];
      if (!from || !to) throw new SightError(`no network interface has the address ${from ? b : a}`);
      await end();
      const names = [...plan().namespaces].filter(([, { kind }]) => kind === "network").map(([name]) => name);
      await holder.run(each(names, () => `nft -f - <<'NFT'\n${traceTable(a, b)}NFT`));
      tracing = { names, ends: [from, to] };
    },
    stopTrace: async () => {
      if (!tracing) throw new SightError("no trace was begun");
      const { ends } = tracing;
      const names = tracing.names.filter((name) => plan().namespaces.has(name));
      const printed = await holder.run(
        names
          .map((n) => `echo "@ ${n}"\nnsenter --net=/run/netns/${n} nft list table ip peerctl_trace`)
          .join("\n"),
      );
      const counts = new Map(
        printed
          .split(/^@ /m)
          .slice(1)
          .map((part) => [part.slice(0, part.indexOf("\n")), readCounts(part)] as const),
      );
      const ids = new Map(snapshot().interfaces.map(({ id }) => [numberOf(id), id]));
      const points = followTrace(
        plan(),
        counts,
        [numberOf(ends[0]), numberOf(ends[1])],
        (n) => ids.get(n) ?? "",
      );
      await end();
      return points;
    },
  };
}
