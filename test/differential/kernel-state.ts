import { nothing } from "../../src/lab/data-plane/linux/changes.ts";
import type { Holder } from "../../src/lab/data-plane/linux/holder.ts";
import type { Plan } from "../../src/lab/data-plane/linux/plan.ts";

/** What the kernel holds in each namespace of a plan, as lines that say the same whatever way it came about. */
async function kernelState(holder: Holder, { namespaces }: Plan): Promise<Map<string, string[]>> {
  const names = [...namespaces.keys()];
  const printed = await holder.run(
    names
      .map((name) => `echo "@ ${name}"\nnsenter --net=/run/netns/${name} sh -e <<'IN'\n${show}IN`)
      .join("\n"),
  );
  const parts = printed.split(/^@ /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [name = "", ...lines] = part.split("\n");
      return [name, linesOf(lines)] as const;
    }),
  );
}

const show = `
ip -o link show | cut -d ' ' -f 2-
ip -o -4 address show | cut -d ' ' -f 2-
ip -4 route show table all
ip -4 rule show
ip -4 neigh show nud permanent
for each in ip_forward ip_default_ttl conf/all/rp_filter conf/all/proxy_arp conf/all/send_redirects; do
  echo $each $(cat /proc/sys/net/ipv4/$each)
done
nft -s list ruleset
`;

/** Chains stand in the order in which they were made, and that of lines in a chain counts; all else is sorted. */
function linesOf(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line.startsWith("table "));
  const [rest, rules] = first < 0 ? [lines, []] : [lines.slice(0, first), lines.slice(first)];
  const chains = rules
    .filter((line) => !line.startsWith("table "))
    .join("\n")
    .split(/^\t}$|^}$/m)
    .map((chain) => chain.trim());
  return [...rest.map(plain), ...chains].filter((line) => line !== "").sort();
}

/** Without what the kernel gives by itself: numbers of devices and namespaces, and a carrier that comes a little later. */
function plain(line: string): string {
  return line
    .replace(/<(\S+)>/g, (_, flags: string) => (flags.split(",").includes("UP") ? "up" : "down"))
    .replace(/\bstate \w+/g, "")
    .replace(/@(if\d+|\w+)?/g, "")
    .replace(/link-netns \S+|link-netnsid \d+/g, "")
    .replace(/\bqlen \d+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/**
 * How the state that came about by many changes differs from that of the same plan built at once, line by line; empty where it
 * does not. The fresh state is built in `spare`, which must hold nothing, and is taken down by whoever opened it.
 */
export async function staleState(
  holder: Holder,
  spare: Holder,
  plan: Plan,
  script: (from: Plan, to: Plan) => string,
) {
  await spare.run(script(nothing, plan));
  const [grown, fresh] = await Promise.all([kernelState(holder, plan), kernelState(spare, plan)]);
  return [...fresh].flatMap(([name, wanted]) => {
    const found = grown.get(name) ?? [];
    return [
      ...wanted.filter((line) => !found.includes(line)).map((line) => `${name} lacks: ${line}`),
      ...found.filter((line) => !wanted.includes(line)).map((line) => `${name} still has: ${line}`),
    ];
  });
}
