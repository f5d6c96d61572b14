import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { callerAddress } from "../../src/lab/connect-proxy.ts";
import type { LinuxDataPlane } from "../../src/lab/data-plane/linux/linux.ts";
import { internet } from "../../src/lab/data-plane/linux/plan.ts";
import type { Probe, Snapshot } from "../../src/net/types.ts";
import type { Chance } from "./chance.ts";

/** A question for both planes: as `net/` takes it, and as it is sent. */
export interface Question {
  probe: Probe;
  namespace: string;
  source: string;
  /** Of TCP and UDP the port, of ICMP the identifier; no two questions have the same. */
  sourcePort: number;
  destination: string;
}

const hosts = [callerAddress, "8.8.8.8"];
const udpPorts = [53, 5000, 33000];
const tcpPorts = [...udpPorts, 22, 80];

/** Random pairs: instances by private and public addresses, hosts of the internet at either end. */
export function questionsFor(snapshot: Snapshot, chance: Chance, count: number): Question[] {
  const running = new Set(snapshot.instances.filter((each) => each.state === "running").map(({ id }) => id));
  const ends = snapshot.interfaces.flatMap((row) =>
    row.addresses.map((address) => ({ id: row.id, instance: row.instance ?? "", ...address })),
  );
  const senders = ends.filter(({ instance }) => running.has(instance));
  const known = ends.flatMap((end) => (end.public ? [{ ...end, public: end.public }] : []));
  const questions: Question[] = [];
  for (let n = 0; n < count && senders.length > 0; n += 1) {
    const protocol = chance.pick(["icmp", "tcp", "udp"] as const);
    const sourcePort = 33_001 + n * 17 + chance.below(17);
    const ports =
      protocol === "icmp" ? {} : { port: chance.pick(protocol === "udp" ? udpPorts : tcpPorts), sourcePort };
    if (known.length > 0 && chance.percent(15)) {
      const to = chance.pick(known);
      const source = chance.pick(hosts);
      const probe: Probe = {
        from: { kind: "internet", address: source },
        to: { kind: "interface", id: to.id, address: to.public },
        protocol,
        ...ports,
      };
      questions.push({ probe, namespace: internet, source, sourcePort, destination: to.public });
      continue;
    }
    const from = chance.pick(senders);
    const to = chance.pick(ends);
    const far = to.public && chance.percent(30) ? to.public : to.private;
    const destination = chance.percent(10) ? chance.pick(hosts) : far;
    if (to.id === from.id && destination === far) continue;
    const probe: Probe = {
      from: { kind: "interface", id: from.id, address: from.private },
      to: { kind: "internet", address: destination },
      protocol,
      ...ports,
    };
    questions.push({ probe, namespace: from.instance, source: from.private, sourcePort, destination });
  }
  return questions;
}

/** Sends them all at once; for each, whether an answer came within `patience` milliseconds. */
export async function ask(
  plane: LinuxDataPlane,
  snapshot: Snapshot,
  questions: readonly Question[],
  patience: number,
): Promise<boolean[]> {
  const running = snapshot.instances.filter((each) => each.state === "running").map(({ id }) => id);
  const answered = questions.map(() => false);
  let missing = questions.length;
  let tell: () => void = () => undefined;
  const all = new Promise<void>((done) => {
    tell = done;
  });
  const probers = [...running, internet].map((namespace) => {
    const [program, ...args] = plane.enter(namespace, ["perl", resolve("test/differential/prober.pl")]);
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    const own = snapshot.interfaces.filter((each) => each.instance === namespace);
    const addresses =
      namespace === internet ? hosts : own.flatMap((each) => each.addresses.map((one) => one.private));
    for (const address of addresses) {
      for (const port of udpPorts) child.stdin.write(`udp ${address} ${port}\n`);
    }
    questions.forEach((each, id) => {
      if (each.namespace !== namespace) return;
      const { protocol, port = 0 } = each.probe;
      child.stdin.write(
        `probe ${[id, protocol, each.source, each.sourcePort, each.destination, port].join(" ")}\n`,
      );
    });
    child.stdin.write("ready\n");
    const ready = new Promise<void>((done) => {
      createInterface(child.stdout).on("line", (line) => {
        const [word, id] = line.split(" ");
        if (word === "ready") return done();
        answered[Number(id)] = true;
        missing -= 1;
        if (missing === 0) tell();
      });
      child.once("close", () => done());
    });
    return { child, ready, closed: once(child, "close") };
  });
  await Promise.all(probers.map(({ ready }) => ready));
  for (const { child } of probers) child.stdin.write("go\n");
  const timer = setTimeout(tell, patience);
  await all;
  clearTimeout(timer);
  for (const { child } of probers) child.stdin.end();
  await Promise.all(probers.map(({ closed }) => closed));
  return answered;
}
