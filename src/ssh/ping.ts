import { isIP } from "node:net";
import { UserError } from "../errors.ts";

interface Ping {
  /** An IPv4 or IPv6 address. */
  address: string;
  count: number;
  intervalSeconds: number;
  /** Bytes of data; with ICMP's and IPv4's headers the packet is 28 longer. */
  size: number;
}

/** How long the last reply may take: far more than a round trip between any two Regions. */
const lastReplySeconds = 2;

/**
 * The command line that pings, safe to give to a shell. Throws UserError for what ping would refuse: the limits are those
 * of an ordinary user of iputils. https://github.com/iputils/iputils/blob/master/doc/ping.xml
 */
export function pingCommand({ address, count, intervalSeconds, size }: Ping): string {
  if (isIP(address) === 0 || address.includes("%")) throw new UserError(`${address} is not an IP address`);
  check(
    "count",
    count,
    Number.isInteger(count) && count >= 1 && count <= 10_000,
    "a whole number, 1 to 10000",
  );
  check(
    "interval",
    intervalSeconds,
    intervalSeconds >= 0.2 && intervalSeconds <= 3600,
    "0.2 to 3600 seconds",
  );
  check(
    "size",
    size,
    Number.isInteger(size) && size >= 0 && size <= 65_507,
    "a whole number, 0 to 65507 bytes",
  );
  return `ping -n -c ${count} -i ${intervalSeconds} -s ${size} -W ${lastReplySeconds} ${address}`;
}

function check(name: string, value: number, good: boolean, range: string): void {
  if (!good) throw new UserError(`--${name} ${value} is out of range`, `give ${range}`);
}
