import type { Guest, Program } from "./guest.ts";
import { ip } from "./ip.ts";
import { ping } from "./ping.ts";

const kernel = "6.1.0-peerctl.amzn2023.x86_64";

const osRelease = `NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PLATFORM_ID="platform:al2023"
PRETTY_NAME="Amazon Linux 2023 (peerctl lab model)"
`;

/** The files that `cat` knows. */
const files: Readonly<Record<string, (guest: Guest) => string>> = {
  "/etc/os-release": () => osRelease,
  "/etc/hostname": (guest) => `${guest.hostname()}\n`,
};

const cat: Program = (args, guest, io) => {
  let code = 0;
  for (const path of args) {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file) io.out(file(guest));
    else {
      io.err(`cat: ${path}: No such file or directory\n`);
      code = 1;
    }
  }
  return code;
};

const hostname: Program = (args, guest, io) => {
  const full = guest.hostname();
  const addresses = guest.links().flatMap((link) => [...link.addresses, ...link.ipv6]);
  const answers: Record<string, string> = {
    "": full,
    "-f": full,
    "-s": full.split(".")[0]!,
    "-I": `${addresses.join(" ")} `,
    "-i": addresses[0] ?? "",
  };
  const answer = Object.hasOwn(answers, args[0] ?? "") ? answers[args[0] ?? ""] : undefined;
  if (answer === undefined) {
    io.err("hostname: you must be root to change the host name\n");
    return 1;
  }
  io.out(`${answer}\n`);
  return 0;
};

const uname: Program = (args, guest, io) => {
  const all: Record<string, string> = {
    s: "Linux",
    n: guest.hostname(),
    r: kernel,
    v: "#1 SMP PREEMPT_DYNAMIC",
    m: "x86_64",
    o: "GNU/Linux",
  };
  const letters = args.length === 0 ? "s" : args.map((arg) => arg.replace(/^-/, "")).join("");
  const odd = [...letters].find((letter) => letter !== "a" && !Object.hasOwn(all, letter));
  if (odd !== undefined) {
    io.err(`uname: invalid option -- '${odd}'\n`);
    return 1;
  }
  const wanted = Object.keys(all).filter((letter) => letters.includes("a") || letters.includes(letter));
  io.out(`${wanted.map((letter) => all[letter]).join(" ")}\n`);
  return 0;
};

const sleep: Program = async ([time = ""], guest, io) => {
  if (!/^\d+(\.\d+)?$/.test(time)) {
    io.err(time === "" ? "sleep: missing operand\n" : `sleep: invalid time interval '${time}'\n`);
    return 1;
  }
  // A longer wait than Node's timers take is over sooner than anyone looks: 24 days.
  const milliseconds = Math.min(Number(time) * 1000, 2 ** 31 - 1);
  return guest.clock.sleep(milliseconds, io.signal).then(
    () => 0,
    () => 130,
  );
};

/** Everything that an instance can run, by name; all else is `command not found`. */
export const programs: Readonly<Record<string, Program>> = {
  cat,
  echo: (args, _guest, io) => {
    const bare = args[0] === "-n";
    io.out(bare ? args.slice(1).join(" ") : `${args.join(" ")}\n`);
    return 0;
  },
  false: () => 1,
  hostname,
  ip,
  ping,
  sleep,
  true: () => 0,
  uname,
  whoami: (_args, guest, io) => {
    io.out(`${guest.user}\n`);
    return 0;
  },
};
