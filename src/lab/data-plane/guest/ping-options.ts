/** What ping was asked to do. Times in milliseconds. */
export interface PingOptions {
  destination: string;
  count?: number;
  interval: number;
  /** Bytes of data in each echo request, without the 8 of ICMP's header. */
  size: number;
  /** `-W`: how long to wait after the last request where nothing has come back. */
  linger: number;
  /** `-w`: ends ping whatever was sent or received. */
  deadline?: number;
  numeric: boolean;
  quiet: boolean;
  /** `-O`: says so, before each next request, when the last one has no answer yet. */
  outstanding: boolean;
  /** `-D`: the time of day before each line. */
  timestamps: boolean;
  family?: 4 | 6;
  ttl?: number;
  /** `-I`: an interface's name or an own address. */
  source?: string;
}

/** ping was called wrongly: what it prints on stderr and exits with. */
export class PingUsage extends Error {
  override name = "PingUsage";
  constructor(
    message: string,
    readonly code: 1 | 2,
  ) {
    super(message);
  }
}

/** The largest data that fits in an IPv4 packet: 65535 - 20 - 8. */
const largestSize = 65507;
const longest = 2_147_483;
/** What iputils before 20211215 lets an ordinary user ask for. Amazon Linux 2023 has 20210202. */
const shortestInterval = 200;

/** Reads ping's arguments as iputils 20210202 does; throws PingUsage with its words and codes. */
export function pingOptions(args: readonly string[]): PingOptions {
  const options: PingOptions = {
    destination: "",
    interval: 1000,
    size: 56,
    linger: 10_000,
    numeric: false,
    quiet: false,
    outstanding: false,
    timestamps: false,
  };
  const destinations: string[] = [];
  const queue = [...args];
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === "--") destinations.push(...queue.splice(0));
    else if (arg.startsWith("-") && arg !== "-") readFlags(arg.slice(1), queue, options);
    else destinations.push(arg);
  }
  options.destination = destinations.at(-1) ?? "";
  if (options.destination === "") throw new PingUsage("usage error: Destination address required", 1);
  if (options.interval < shortestInterval) {
    throw new PingUsage(`cannot flood; minimal interval allowed for user is ${shortestInterval}ms`, 2);
  }
  return options;
}

/** One argument's letters: switches may stand together (`-nq`), a value may follow at once (`-c4`) or as the next word. */
function readFlags(letters: string, queue: string[], options: PingOptions): void {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at]!;
    const set = switches[letter];
    if (set) {
      set(options);
      continue;
    }
    const take = valued[letter];
    if (!take) throw new PingUsage(`invalid option -- '${letter}'`, 2);
    const value = letters.slice(at + 1) || queue.shift();
    if (value === undefined) throw new PingUsage(`option requires an argument -- '${letter}'`, 2);
    take(options, value);
    return;
  }
}

const switches: Readonly<Record<string, (options: PingOptions) => void>> = {
  4: (options) => {
    options.family = 4;
  },
  6: (options) => {
    options.family = 6;
  },
  n: (options) => {
    options.numeric = true;
  },
  q: (options) => {
    options.quiet = true;
  },
  O: (options) => {
    options.outstanding = true;
  },
  D: (options) => {
    options.timestamps = true;
  },
};

const valued: Readonly<Record<string, (options: PingOptions, value: string) => void>> = {
  c: (options, value) => {
    options.count = whole(value, 1, Number.MAX_SAFE_INTEGER, "9223372036854775807");
  },
  i: (options, value) => {
    options.interval = Math.trunc(seconds(value, "bad timing interval") * 1000);
  },
  s: (options, value) => {
    options.size = whole(value, 0, largestSize);
  },
  w: (options, value) => {
    // A deadline of 0 is none, as in ping itself.
    options.deadline = whole(value, 0, longest) * 1000 || undefined;
  },
  W: (options, value) => {
    const wait = seconds(value, "bad linger time");
    if (wait < 0.001) throw new PingUsage(`bad linger time: ${value}`, 2);
    options.linger = Math.trunc(wait * 1000);
  },
  t: (options, value) => {
    options.ttl = whole(value, 0, 255);
  },
  I: (options, value) => {
    options.source = value;
  },
};

function whole(value: string, least: number, most: number, mostText = String(most)): number {
  if (!/^[+-]?\d+$/.test(value)) throw new PingUsage(`invalid argument: '${value}'`, 1);
  const number = Number(value);
  if (number < least || number > most) {
    throw new PingUsage(`invalid argument: '${value}': out of range: ${least} <= value <= ${mostText}`, 1);
  }
  return number;
}

function seconds(value: string, problem: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) throw new PingUsage(`${problem}: ${value}`, 2);
  const number = Number(value);
  if (number < 0 || number > longest) throw new PingUsage(`${problem}: ${value}`, 2);
  return number;
}
