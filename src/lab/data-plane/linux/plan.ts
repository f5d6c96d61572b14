import type { Snapshot } from "../../../net/types.ts";
import { cardsPlan } from "./plan-cards.ts";
import { guestPlan, guestWires } from "./plan-guest.ts";
import { internetPlan } from "./plan-internet.ts";
import { routerPlan } from "./plan-router.ts";
import { siteOf } from "./site.ts";

/**
 * What the kernel should hold, as text that `ip` and `nft` understand. A pure function of the tables: equal tables give equal
 * plans, and `changes` turns the difference of two plans into a script.
 */
export interface Plan {
  namespaces: ReadonlyMap<string, NamespacePlan>;
  /** veth pairs, by the names of both ends. */
  wires: ReadonlyMap<string, Wire>;
}

export interface NamespacePlan {
  /** A guest's namespace belongs to a user namespace of its own, in which its programs have no rights over it. */
  kind: "guest" | "network";
  /** A guest's: a namespace of another boot is another one, though it has the same name. */
  boot?: string;
  /** Below /proc/sys/net/ipv4, path to value. */
  sysctls: ReadonlyMap<string, string>;
  /** As `ip address add` takes them. */
  addresses: ReadonlySet<string>;
  /** `10.1.0.4 dev g1` to `lladdr 02:...`. */
  neighbours: ReadonlyMap<string, string>;
  /** `10.2.0.0/16 table 7` to `dev p3`, `blackhole`, `throw`... */
  routes: ReadonlyMap<string, string>;
  /** As `ip rule add` takes them. */
  rules: ReadonlySet<string>;
  /** Chains of the nftables table by name, each as nftables wants it; those that others jump to come first. */
  filter: ReadonlyMap<string, string>;
  /** Whether forwarding here must not show in the packets' TTL: no router of a VPC counts as a hop. */
  hidesHops: boolean;
}

export interface Wire {
  mtu: number;
  ends: readonly [WireEnd, WireEnd];
}

export interface WireEnd {
  namespace: string;
  name: string;
  mac: string;
  /** Without ARP both ends have one MAC address, so that routes need a device and no address on the link. */
  arp: boolean;
}

/** An instance as its kernel should have it. */
export interface GuestFacts {
  id: string;
  /** Tells one life of the instance from the next: a reboot ends all its processes. */
  boot: string;
  /** Full name. */
  hostname: string;
  /** In the order of their device index. */
  links: {
    /** The network interface's id. */
    id: string;
    name: string;
    mac: string;
    addresses: readonly string[];
    prefixLength: number;
    router: string;
  }[];
}

/** Gives each id a small number of its own, always the same one; for names of devices, tables and zones. */
export type NumberOf = (id: string) => number;

export const cards = "cards";
export const internet = "internet";

/** The rule with which every namespace begins. */
export const localFirst = "pref 0 lookup local";

/** `guests` are the running instances. What is attached to no running instance takes part in nothing. */
export function planOf(snapshot: Snapshot, guests: readonly GuestFacts[], numberOf: NumberOf): Plan {
  const site = siteOf(snapshot, guests, numberOf);
  const namespaces = new Map<string, NamespacePlan>();
  const wires = new Map<string, Wire>();
  const add = (wire: Wire) =>
    wires.set(wire.ends.map((end) => `${end.namespace}/${end.name}`).join("~"), wire);
  namespaces.set(cards, cardsPlan(site));
  const outside = internetPlan(site);
  namespaces.set(internet, outside.plan);
  outside.wires.forEach(add);
  for (const vpc of site.vpcs.values()) {
    const router = routerPlan(site, vpc);
    namespaces.set(vpc.id, router.plan);
    router.wires.forEach(add);
  }
  for (const guest of guests) {
    namespaces.set(guest.id, guestPlan(site, guest));
    guestWires(site, guest).forEach(add);
  }
  return { namespaces, wires };
}
