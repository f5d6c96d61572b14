import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { callerAddress } from "../../src/lab/connect-proxy.ts";
import { internet } from "../../src/lab/data-plane/linux/plan.ts";
import type { Probe, Snapshot } from "../../src/net/types.ts";

/** A question for both planes: as `net/` takes it, and as it is sent. */
export interface Question {
  probe: Probe;
  namespace: string;
  source: string;
  /** Of TCP and UDP the port, of ICMP the identifier; no two questions of one protocol have the same. */
  sourcePort: number;
  destination: string;
}

/** A packet where it was delivered: in which namespace, and with which addresses. */
export interface Arrival {
  at: string;
  source: string;
  destination: string;
}

/** What the kernel did with a question: where the request arrived, and whether the answer came back. */
export interface Seen {
  arrivals: Arrival[];
  answered: boolean;
}

/** The hosts of the internet that ask and are asked; others answer pings and refuse TCP. */
export const hosts = [callerAddress, "8.8.8.8"];
/** Where something listens, everywhere. */
export const udpPorts = [53, 5000, 33000];

/** Milliseconds that the kernel has, at least, to do what it should not. */
const settling = 40;

/** The command line that runs a command in a namespace of the plane, as its `enter` gives it. */
type Enter = (namespace: string, command: readonly string[]) => [string, ...string[]];

/**
 * Sends them all at once, and gives what became of each: after `patience` milliseconds, or as soon as `enough` says so.
 * Whatever the kernel has delivered by then is in it, however late the machine is in reading it.
 */
export async function ask(
  enter: Enter,
  snapshot: Snapshot,
  questions: readonly Question[],
  { patience, enough }: { patience: number; enough: (seen: readonly Seen[]) => boolean },
): Promise<Seen[]> {
  const seen = questions.map((): Seen => ({ arrivals: [], answered: false }));
  const places = new Map(
    questions.map(({ probe, sourcePort }, place) => [`${probe.protocol} ${sourcePort}`, place]),
  );
  let look: () => void = () => undefined;
  const probers = [...runningInstances(snapshot), internet].map((namespace) =>
    prober(enter, namespace, snapshot, questions, (told) => {
      if (told[0] === "yes") seen[Number(told[1])]!.answered = true;
      else {
        const [, protocol, sourcePort, source = "", destination = ""] = told;
        const arrivals = seen[places.get(`${protocol} ${sourcePort}`) ?? -1]?.arrivals;
        const same = (one: Arrival) =>
          one.at === namespace && one.source === source && one.destination === destination;
        if (!arrivals?.some(same)) arrivals?.push({ at: namespace, source, destination });
      }
      look();
    }),
  );
  const all = async (order: string, answer: string) => {
    await Promise.all(probers.map((each) => each.tell(order, answer)));
  };
  try {
    await all("ready", "ready");
    await all("go", "sent");
    await Promise.all([
      new Promise((done) => setTimeout(done, settling)),
      new Promise<void>((done) => {
        const timer = setTimeout(done, patience);
        look = () => {
          if (!enough(seen)) return;
          clearTimeout(timer);
          done();
        };
        look();
      }),
    ]);
    // What is read the first time may be answered by a program, and that is read the second time.
    await all("drain", "drained");
    await all("drain", "drained");
  } finally {
    await Promise.all(probers.map((each) => each.end()));
  }
  return seen;
}

export function runningInstances({ instances }: Snapshot): string[] {
  return instances.filter((each) => each.state === "running").map(({ id }) => id);
}

/** The process in one namespace: it sends what is asked from there, and tells what arrives there. */
function prober(
  enter: Enter,
  namespace: string,
  snapshot: Snapshot,
  questions: readonly Question[],
  told: (words: string[]) => void,
) {
  const [program, ...args] = enter(namespace, ["perl", resolve("test/differential/prober.pl")]);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const own = snapshot.interfaces.filter((each) => each.instance === namespace);
  // The internet's addresses are all others.
  const addresses =
    namespace === internet
      ? [...hosts, ...questions.map((each) => each.destination)]
      : own.flatMap((each) => each.addresses.map((one) => one.private));
  for (const address of new Set(addresses.filter((text) => !text.includes(":")))) {
    for (const port of udpPorts) child.stdin.write(`udp ${address} ${port}\n`);
  }
  questions.forEach((each, id) => {
    if (each.namespace !== namespace) return;
    const { protocol, port = 0 } = each.probe;
    child.stdin.write(
      `probe ${[id, protocol, each.source, each.sourcePort, each.destination, port].join(" ")}\n`,
    );
  });
  let waiting: { answer: string; done(): void } | undefined;
  createInterface(child.stdout).on("line", (line) => {
    if (line === waiting?.answer) waiting.done();
    else told(line.split(" "));
  });
  return {
    tell: (order: string, answer: string) =>
      new Promise<void>((done, fail) => {
        waiting = { answer, done };
        child.once("close", () => fail(new Error(`the prober in ${namespace} ended`)));
        child.stdin.write(`${order}\n`);
      }),
    end: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
