/**
 * IPv4 and IPv6 addresses and CIDR blocks. IPv4 counts in plain numbers, which is what makes tracing fast; only IPv6
 * needs BigInt. `text` is always the canonical form: dotted decimal, or RFC 5952 for IPv6.
 */
export interface Address {
  family: 4 | 6;
  value: number | bigint;
  text: string;
}

/** A block as the range of addresses that it covers, both ends included. */
export interface Block {
  family: 4 | 6;
  first: number | bigint;
  last: number | bigint;
  prefix: number;
  text: string;
}

/** Strict: four decimal octets without leading zeros, or an IPv6 address of RFC 4291. Undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(":")) {
    const value = parseIpv6(text);
    return value === undefined ? undefined : addressOf(6, value);
  }
  const value = parseIpv4(text);
  return value === undefined ? undefined : addressOf(4, value);
}

/** The address of that number, canonical text included. */
export function addressOf(family: 4 | 6, value: number | bigint): Address {
  return { family, value, text: family === 4 ? formatIpv4(Number(value)) : formatIpv6(BigInt(value)) };
}

/** "10.1.2.3/16" is taken as EC2 takes it, as 10.1.0.0/16; see `isCanonical`. Undefined for what is no CIDR block. */
export function parseCidr(text: string): Block | undefined {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash));
  if (!address || !/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const prefix = Number(digits);
  if (address.family === 4) {
    if (prefix > 32) return undefined;
    const size = 2 ** (32 - prefix);
    const first = Math.floor(Number(address.value) / size) * size;
    return { family: 4, first, last: first + size - 1, prefix, text: `${formatIpv4(first)}/${prefix}` };
  }
  if (prefix > 128) return undefined;
  const size = 1n << BigInt(128 - prefix);
  const first = (BigInt(address.value) / size) * size;
  return { family: 6, first, last: first + size - 1n, prefix, text: `${formatIpv6(first)}/${prefix}` };
}

/** For text that is known to be an address; a RangeError where it is not. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new RangeError(`"${text}" is not an IP address`);
  return parsed;
}

/** For text that is known to be a CIDR block; a RangeError where it is not. */
export function cidr(text: string): Block {
  const parsed = parseCidr(text);
  if (!parsed) throw new RangeError(`"${text}" is not a CIDR block`);
  return parsed;
}

/** Whether `text` is a CIDR block with no host bits set, written as EC2 would write it. */
export function isCanonical(text: string): boolean {
  return parseCidr(text)?.text === text;
}

export function contains(block: Block, inner: Block | Address): boolean {
  if (block.family !== inner.family) return false;
  if ("value" in inner) return block.first <= inner.value && inner.value <= block.last;
  return block.first <= inner.first && inner.last <= block.last;
}

export function overlaps(a: Block, b: Block): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** For sorting: IPv4 before IPv6, then by first address, then the larger block first. */
export function compare(a: Block, b: Block): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.prefix - b.prefix;
}

/** Whether EC2 takes a block of this size for a VPC or subnet. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
export function isVpcSize(block: Block): boolean {
  return block.family === 4 && block.prefix >= 16 && block.prefix <= 28;
}

/**
 * What instances may have of an IPv4 subnet: AWS keeps the first four addresses and the last.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function usableAddresses(subnet: Block): { first: Address; last: Address; count: number } {
  if (!isVpcSize(subnet)) throw new RangeError(`${subnet.text} is not an IPv4 subnet of EC2's sizes`);
  const first = Number(subnet.first) + 4;
  const last = Number(subnet.last) - 1;
  return { first: addressOf(4, first), last: addressOf(4, last), count: last - first + 1 };
}

function parseIpv4(text: string): number | undefined {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  let value = 0;
  for (const octet of octets) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return undefined;
    value = value * 256 + Number(octet);
  }
  return value;
}

function formatIpv4(value: number): string {
  return `${Math.floor(value / 2 ** 24)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = ipv6Groups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? ipv6Groups(halves[1] ?? "", true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The 16-bit groups of one side of "::". Only the address's end may be an embedded IPv4 address, as in ::ffff:10.0.0.1. */
function ipv6Groups(side: string, endsAddress: boolean): number[] | undefined {
  if (side === "") return [];
  const parts = side.split(":");
  const groups: number[] = [];
  for (const [place, part] of parts.entries()) {
    if (part.includes(".")) {
      const ipv4 = endsAddress && place === parts.length - 1 ? parseIpv4(part) : undefined;
      if (ipv4 === undefined) return undefined;
      groups.push(Math.floor(ipv4 / 65536), ipv4 % 65536);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

/** https://www.rfc-editor.org/rfc/rfc5952#section-4 : lower case, the longest run of zero groups (the first of equals) as "::". */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, place) =>
    ((value >> BigInt(112 - 16 * place)) & 0xffffn).toString(16),
  );
  let start = 0;
  let length = 0;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (groups[end] === "0") end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}
