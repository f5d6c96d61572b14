import { added, changed, removed } from "./difference.ts";
import { filterChanges } from "./filter-changes.ts";
import { enterGuests, leaveGuest } from "./guest-life.ts";
import { hopsTable } from "./hops-table.ts";
import { localFirst, type NamespacePlan, type Plan, type Wire, type WireEnd } from "./plan.ts";

/** What a namespace has before anything is done in it. */
const bare: NamespacePlan = {
  kind: "network",
  sysctls: new Map(),
  addresses: new Set(),
  neighbours: new Map(),
  routes: new Map(),
  rules: new Set([localFirst]),
  filter: new Map(),
  hidesHops: false,
};

export const nothing: Plan = { namespaces: new Map(), wires: new Map() };

/**
 * The shell script that brings the kernel from one plan to another; empty where they are the same. It works in the lab's own
 * user namespace, and stops at the first failure. In each namespace `ip -batch` and `nft -f` each do their part at once.
 */
export function changes(from: Plan, to: Plan): string {
  const left = [...from.namespaces].filter(([name, plan]) => !isKept(plan, to.namespaces.get(name)));
  const entered = [...to.namespaces].filter(([name, plan]) => !isKept(plan, from.namespaces.get(name)));
  // What is made anew under its old name has lost its wires.
  const cut = new Set([...left, ...entered].map(([name]) => name));
  const stays = (wire: Wire, other: Wire | undefined) =>
    isSame(wire, other) && !wire.ends.some(({ namespace }) => cut.has(namespace));
  const gone = [...from.wires].filter(([key, wire]) => !stays(wire, to.wires.get(key)));
  const made = [...to.wires].filter(([key, wire]) => !stays(wire, from.wires.get(key)));
  const names = (of: [string, NamespacePlan][], kind: NamespacePlan["kind"]) =>
    of.filter(([, plan]) => plan.kind === kind).map(([name]) => name);
  return [
    // A link's two ends go together, so it is deleted at the one that is sure to be there.
    ...byNamespace(gone.map(([, { ends }]) => ends[0])).map(([namespace, ends]) =>
      inside(namespace, ipBatch(ends.map(({ name }) => `link delete dev ${name}`))),
    ),
    ...left.map(([name, { kind }]) => `${kind === "guest" ? leaveGuest(name) : ""}ip netns delete ${name}\n`),
    enterGuests(names(entered, "guest")),
    ipBatch([
      ...names(entered, "network").map((name) => `netns add ${name}`),
      ...made.map(([, wire]) => linkAdd(wire)),
    ]),
    ...[...to.namespaces].map(([name, plan]) => {
      const before = entered.some(([each]) => each === name) ? bare : (from.namespaces.get(name) ?? bare);
      const lost = gone.flatMap(([, { ends }]) => endsIn(name, ends));
      const fresh = made.flatMap(([, { ends }]) => endsIn(name, ends));
      return inside(name, namespaceChanges(without(before, lost), plan, fresh, before === bare));
    }),
  ].join("");
}

function isKept(a: NamespacePlan, b: NamespacePlan | undefined): boolean {
  return a.kind === b?.kind && a.boot === b.boot;
}

function isSame(a: Wire, b: Wire | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function endsIn(namespace: string, ends: Wire["ends"]): WireEnd[] {
  return ends.filter((end) => end.namespace === namespace);
}

function byNamespace(ends: readonly WireEnd[]): [string, WireEnd[]][] {
  const found = new Map<string, WireEnd[]>();
  for (const end of ends) found.set(end.namespace, [...(found.get(end.namespace) ?? []), end]);
  return [...found];
}

function linkAdd({ mtu, ends: [a, b] }: Wire): string {
  const end = ({ namespace, name, mac }: WireEnd) =>
    `name ${name} address ${mac} mtu ${mtu} netns ${namespace}`;
  return `link add ${end(a)} type veth peer ${end(b)}`;
}

/** With a device the kernel has forgotten what led there. */
function without(plan: NamespacePlan, lost: readonly WireEnd[]): NamespacePlan {
  if (lost.length === 0) return plan;
  const names = new Set(lost.map(({ name }) => name));
  const stays = (text: string) => !names.has(/\bdev (\S+)/.exec(text)?.[1] ?? "");
  return {
    ...plan,
    addresses: new Set([...plan.addresses].filter(stays)),
    neighbours: new Map([...plan.neighbours].filter(([key]) => stays(key))),
    routes: new Map([...plan.routes].filter(([, way]) => stays(way))),
  };
}

function namespaceChanges(
  from: NamespacePlan,
  to: NamespacePlan,
  fresh: readonly WireEnd[],
  isNew: boolean,
): string {
  const sysctls = [...to.sysctls].filter(([path, value]) => from.sysctls.get(path) !== value);
  const batch = [
    ...(isNew ? ["link set lo up"] : []),
    ...fresh.map(({ name, arp }) => `link set dev ${name}${arp ? "" : " arp off"} up`),
    // Who asks for an address gets the answer at once: the kernel would wait for up to 0.8 s.
    ...fresh
      .filter(({ arp }) => arp && to.kind === "network")
      .map(({ name }) => `ntable change name arp_cache dev ${name} proxy_delay 0`),
    ...added(from.addresses, to.addresses).map((each) => `address add ${each}`),
    ...changed(from.neighbours, to.neighbours).map(
      ([key, way]) => `neigh replace ${key} ${way} nud permanent`,
    ),
    ...changed(from.routes, to.routes).map(([key, way]) => `route replace ${routeText(key, way)}`),
    ...added(from.rules, to.rules).map((each) => `rule add ${each}`),
    ...added(to.rules, from.rules).map((each) => `rule delete ${each}`),
    ...removed(from.routes, to.routes).map((key) => `route delete ${key}`),
    ...removed(from.neighbours, to.neighbours).map((key) => `neigh delete ${key}`),
    ...added(to.addresses, from.addresses).map((each) => `address delete ${each.replace(" brd +", "")}`),
  ];
  const transactions = [
    ...(isNew && to.hidesHops ? [hopsTable] : []),
    ...filterChanges(from.filter, to.filter),
  ];
  return [
    ...(isNew ? [noIpv6] : []),
    ...sysctls.map(([path, value]) => `echo ${value} > /proc/sys/net/ipv4/${path}\n`),
    // Filters before routes: nothing new may pass before it is judged.
    ...transactions.map((text) => `nft -f - <<'NFT'\n${text}NFT\n`),
    ipBatch(batch),
  ].join("");
}

/** The plane is IPv4 only; a kernel may lack IPv6 altogether. */
const noIpv6 = `for each in all default; do
  if [ -e /proc/sys/net/ipv6/conf/$each ]; then echo 1 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; fi
done
`;

/** `ip route` wants a route's type before its destination. */
function routeText(key: string, way: string): string {
  const [type, rest = ""] = way.split(/ (.*)/s);
  return ["blackhole", "throw", "local"].includes(type!) ? `${type} ${key} ${rest}`.trim() : `${key} ${way}`;
}

function ipBatch(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `ip -batch - <<'IP'\n${lines.join("\n")}\nIP\n`;
}

function inside(namespace: string, script: string): string {
  if (script === "") return "";
  return `nsenter --net=/run/netns/${namespace} sh -e <<'IN'\n${script}IN\n`;
}
