import { cidr } from "../../../net/cidr.ts";
import { cards, type GuestFacts, localFirst, type NamespacePlan, type Wire } from "./plan.ts";
import { fabricMac, jumbo, type Site } from "./site.ts";

/** Where a guest with several interfaces looks up what leaves by each. */
const tableOf = (place: number) => 10_000 + place;

/**
 * An instance's own network, as DHCP and Amazon Linux set it up: interfaces with their addresses, a default route each, and
 * answers that leave by the interface whose address they come from. Where a source/destination check is off, it forwards.
 */
export function guestPlan(site: Site, { boot, links }: GuestFacts): NamespacePlan {
  const forwards = links.some(({ id }) => site.cards.get(id)?.row.sourceDestCheck === false);
  const several = links.length > 1;
  return {
    kind: "guest",
    boot,
    sysctls: new Map([
      ["ip_forward", forwards ? "1" : "0"],
      ["conf/all/rp_filter", "0"],
      ["conf/default/rp_filter", "0"],
      ["conf/all/send_redirects", "0"],
      ["conf/default/send_redirects", "0"],
      ["conf/all/promote_secondaries", "1"],
      // Amazon Linux 2023: /usr/lib/sysctl.d/00-defaults.conf
      ["ip_default_ttl", "127"],
      // The guest's programs have no rights: ping works by the "ping" sockets, and any port may be listened on.
      ["ping_group_range", "0 0"],
      ["ip_unprivileged_port_start", "0"],
    ]),
    addresses: new Set(
      links.flatMap(({ name, addresses, prefixLength }) =>
        addresses.map((address) => `${address}/${prefixLength} brd + dev ${name}`),
      ),
    ),
    neighbours: new Map(links.map(({ name, router }) => [`${router} dev ${name}`, `lladdr ${fabricMac}`])),
    routes: new Map(
      links.flatMap(({ name, addresses, router, prefixLength }, place) => {
        const own = `dev ${name} src ${addresses[0]}`;
        const main = [[`default metric ${512 + 10 * place}`, `via ${router} ${own}`] as const];
        if (!several) return main;
        const table = tableOf(place);
        return [
          ...main,
          [`default table ${table}`, `via ${router} ${own} onlink`] as const,
          [`${cidr(`${router}/${prefixLength}`).text} table ${table}`, own] as const,
        ];
      }),
    ),
    rules: new Set([
      localFirst,
      ...(several
        ? links.flatMap(({ name, addresses }, place) => [
            ...addresses.map((address) => `pref 100 from ${address} lookup ${tableOf(place)}`),
            `pref 200 iif ${name} lookup ${tableOf(place)}`,
          ])
        : []),
    ]),
    filter: new Map(),
    hidesHops: false,
  };
}

/** From each interface to its card, and from the card to the router of its VPC. */
export function guestWires(site: Site, guest: GuestFacts): Wire[] {
  return guest.links.flatMap(({ id, name, mac }): Wire[] => {
    const card = site.cards.get(id);
    if (!card) return [];
    return [
      {
        mtu: jumbo,
        ends: [
          { namespace: cards, name: `g${card.n}`, mac: fabricMac, arp: true },
          { namespace: guest.id, name, mac, arp: true },
        ],
      },
      {
        mtu: jumbo,
        ends: [
          { namespace: cards, name: `r${card.n}`, mac: fabricMac, arp: false },
          { namespace: card.vpc, name: `r${card.n}`, mac: fabricMac, arp: false },
        ],
      },
    ];
  });
}
