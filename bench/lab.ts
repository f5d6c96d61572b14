import { setTimeout as sleep } from "node:timers/promises";
import { probe } from "../src/lab/data-plane/linux/probe.ts";
import { shippedLab } from "./labs.ts";
import { type Memory, memoryOf } from "./memory.ts";
import { peaksAreKnown, place } from "./place.ts";
import { median, type Row, row, told } from "./row.ts";
import { throughput } from "./throughput.ts";

/** How fast the lab as it is shipped starts and answers, and what it needs at rest. */
export async function lab(): Promise<Row[]> {
  const ms = await startMs();
  return [
    row(
      "lab: from spawn to first answer",
      ms,
      { most: 250 },
      { goal: "<= 250 ms", measured: `${ms.toFixed(0)} ms` },
    ),
    ...(await atRest()),
    await throughput(),
  ];
}

async function startMs(): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < 7; round++) {
    const at = place();
    try {
      const began = performance.now();
      const { stop } = await shippedLab(at);
      took.push(performance.now() - began);
      await stop();
    } finally {
      at.remove();
    }
  }
  return median(took);
}

/** Of each data plane that this machine has, with nothing in its tables and with a stack: the most of some labs. */
async function atRest(): Promise<Row[]> {
  const what = "lab: memory at rest";
  if (!peaksAreKnown) return [told(what, "unknown: this machine has no /proc, which says it")];
  const found = await probe();
  if (!("lacks" in found)) await found.close();
  const rows: Row[] = [];
  for (const plane of "lacks" in found ? (["model"] as const) : (["model", "linux"] as const)) {
    const { empty, stack } = await restOf(plane);
    rows.push(
      row(`${what}, ${plane}, empty`, sum(empty), { most: 80 }, { goal: "< 80 MB", measured: said(empty) }),
      told(`${what}, ${plane}, after up`, said(stack)),
    );
  }
  return rows;
}

async function restOf(plane: "model" | "linux"): Promise<{ empty: Memory; stack: Memory }> {
  const empty: Memory[] = [];
  const stack: Memory[] = [];
  for (let round = 0; round < 3; round++) {
    const at = place();
    try {
      const { pid, stop } = await shippedLab(at, plane);
      try {
        await sleep(1500);
        empty.push(memoryOf(pid));
        await at.succeed(["--lab", "up"]);
        await sleep(1500);
        stack.push(memoryOf(pid));
      } finally {
        await stop();
      }
    } finally {
      at.remove();
    }
  }
  return { empty: most(empty), stack: most(stack) };
}

const sum = ({ own, children }: Memory) => own + children;
const most = (all: readonly Memory[]) => all.reduce((a, b) => (sum(b) > sum(a) ? b : a));

function said(memory: Memory): string {
  const { own, children } = memory;
  if (children === 0) return `${own.toFixed(0)} MB`;
  return `${sum(memory).toFixed(0)} MB: ${own.toFixed(0)} of its own, ${children.toFixed(0)} of the processes that it started`;
}
