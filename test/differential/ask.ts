import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { LinuxDataPlane } from "../../src/lab/data-plane/linux/linux.ts";
import { internet } from "../../src/lab/data-plane/linux/plan.ts";
import type { Snapshot } from "../../src/net/types.ts";
import { hosts, type Question, runningInstances, udpPorts } from "./questions.ts";

/** Sends them all at once; for each, whether an answer came within `patience` milliseconds. */
export async function ask(
  plane: LinuxDataPlane,
  snapshot: Snapshot,
  questions: readonly Question[],
  patience: number,
): Promise<boolean[]> {
  const running = runningInstances(snapshot);
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
