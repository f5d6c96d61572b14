import type { Guest, Link, Program } from "./guest.ts";

/** The lease that the VPC's DHCP gives, seconds. */
const lease = 3600;

/** `ip [-4|-6] [-br] addr|route [show]`, in iproute2's own format and abbreviations. */
export const ip: Program = (args, guest, io) => {
  const flags = args.filter((arg) => arg.startsWith("-"));
  const [object = "", verb = "show", ...rest] = args.filter((arg) => !arg.startsWith("-"));
  const odd = flags.find((flag) => !/^-(4|6|br(ief)?|c(olor)?(=\w+)?)$/.test(flag));
  if (odd !== undefined) {
    io.err(`Option "${odd}" is unknown, try "ip -help".\n`);
    return 255;
  }
  const shows = /^(s(h(ow?)?)?|l(i(st?)?)?|ls)$/.test(verb);
  if (/^a(d(d(r(e(s(s)?)?)?)?)?)?$/.test(object) && shows) {
    const device = rest[0] === "dev" ? rest[1] : rest[0];
    const links = guest.links();
    if (device !== undefined && device !== "lo" && !links.some((link) => link.name === device)) {
      io.err(`Device "${device}" does not exist.\n`);
      return 1;
    }
    const family = flags.includes("-4") ? 4 : flags.includes("-6") ? 6 : undefined;
    const brief = flags.some((flag) => flag.startsWith("-br"));
    const wanted = (name: string) => device === undefined || device === name;
    if (wanted("lo")) io.out(brief ? briefLoopback(family) : loopback(family));
    links.forEach((link, index) => {
      if (wanted(link.name)) io.out(brief ? briefLink(link, family) : addresses(link, index + 2, family));
    });
    return 0;
  }
  if (/^r(o(u(te?)?)?)?$/.test(object) && shows) {
    if (!flags.includes("-6")) io.out(routes(guest));
    return 0;
  }
  if (object === "") {
    io.err("Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { address | route }\n");
    return 255;
  }
  if (!/^(a(ddress|ddr)?|r(oute)?)$/.test(object)) {
    io.err(`Object "${object}" is unknown, try "ip help".\n`);
    return 1;
  }
  io.err(`Command "${verb}" is unknown, try "ip ${object} help".\n`);
  return 255;
};

type Family = 4 | 6 | undefined;

function loopback(family: Family): string {
  return [
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
    ...(family ? [] : ["    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"]),
    ...(family === 6 ? [] : ["    inet 127.0.0.1/8 scope host lo", forever]),
    ...(family === 4 ? [] : ["    inet6 ::1/128 scope host noprefixroute ", forever]),
    "",
  ].join("\n");
}

const forever = "       valid_lft forever preferred_lft forever";

/** The MTU inside a VPC is 9001. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html */
function addresses(link: Link, index: number, family: Family): string {
  const dynamic = `       valid_lft ${lease}sec preferred_lft ${lease}sec`;
  const [primary, ...secondary] = link.addresses;
  const inet = (address: string | undefined, flags: string, life: string) => [
    `    inet ${address}/${link.prefixLength} ${flags} ${link.name}`,
    life,
  ];
  const v4 = [
    ...inet(primary, `metric 512 brd ${link.broadcast} scope global dynamic`, dynamic),
    ...secondary.flatMap((each) => inet(each, `brd ${link.broadcast} scope global secondary`, forever)),
  ];
  const v6 = [
    ...link.ipv6.flatMap((each) => [`    inet6 ${each}/128 scope global dynamic noprefixroute `, dynamic]),
    `    inet6 ${linkLocal(link.mac)}/64 scope link `,
    forever,
  ];
  return [
    `${index}: ${link.name}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000`,
    ...(family ? [] : [`    link/ether ${link.mac} brd ff:ff:ff:ff:ff:ff`]),
    ...(family === 6 ? [] : v4),
    ...(family === 4 ? [] : v6),
    "",
  ].join("\n");
}

function briefLoopback(family: Family): string {
  const all = [family === 6 ? "" : "127.0.0.1/8", family === 4 ? "" : "::1/128"];
  return brief("lo", "UNKNOWN", all);
}

function briefLink(link: Link, family: Family): string {
  const v4 = link.addresses.map((each, at) => `${each}/${link.prefixLength}${at === 0 ? " metric 512" : ""}`);
  const v6 = [...link.ipv6.map((each) => `${each}/128`), `${linkLocal(link.mac)}/64`];
  return brief(link.name, "UP", [...(family === 6 ? [] : v4), ...(family === 4 ? [] : v6)]);
}

function brief(name: string, state: string, all: string[]): string {
  return `${name.padEnd(16)} ${state.padEnd(14)} ${all.filter(Boolean).join(" ")} \n`;
}

/** What systemd-networkd sets from the VPC's DHCP: the router, the subnet, and the way to the resolver. */
function routes(guest: Guest): string {
  return guest
    .links()
    .flatMap(({ name, addresses: [source], prefixLength, router, resolver, broadcast }, index) => {
      const metric = `metric ${512 + index * 10}`;
      const dhcp = `dev ${name} proto dhcp`;
      const near = networkOf(resolver, prefixLength) === networkOf(router, prefixLength);
      const network = networkOf(broadcast, prefixLength);
      return [
        `default via ${router} ${dhcp} src ${source} ${metric} `,
        `${resolver} ${near ? "" : `via ${router} `}${dhcp} ${near ? "scope link " : ""}src ${source} ${metric} `,
        `${network}/${prefixLength} dev ${name} proto kernel scope link src ${source} ${metric} `,
        `${router} ${dhcp} scope link src ${source} ${metric} `,
      ];
    })
    .map((line) => `${line}\n`)
    .join("");
}

function networkOf(address: string, prefixLength: number): string {
  const bits = address.split(".").reduce((all, byte) => all * 256 + Number(byte), 0);
  const size = 2 ** (32 - prefixLength);
  const network = bits - (bits % size);
  return [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join(".");
}

/** EUI-64 of the hardware address. https://www.rfc-editor.org/rfc/rfc4291#appendix-A */
function linkLocal(mac: string): string {
  const bytes = mac.split(":").map((each) => Number.parseInt(each, 16));
  const eui = [bytes[0]! ^ 2, bytes[1]!, bytes[2]!, 0xff, 0xfe, bytes[3]!, bytes[4]!, bytes[5]!];
  const groups = [0, 2, 4, 6].map((at) => (eui[at]! * 256 + eui[at + 1]!).toString(16));
  return `fe80::${groups.join(":")}`;
}
