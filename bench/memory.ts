import { readdirSync, readFileSync } from "node:fs";

/** In MB. */
export interface Memory {
  /** Of this process. */
  own: number;
  /** Of all processes that came from it; what they share counts once. */
  children: number;
  /** Of the kernel's own structures, for the whole machine. */
  slabs: number;
}

export function memoryNow(): Memory {
  const [, slabs] = /^Slab:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const comesFromHere = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === process.pid || (parent !== undefined && parent > 1 && comesFromHere(parent));
  };
  const children = [...parents.keys()].filter(comesFromHere).map(proportionalKb);
  return {
    own: Math.round(process.memoryUsage.rss() / 2 ** 20),
    children: Math.round(children.reduce((sum, kb) => sum + kb, 0) / 1024),
    slabs: Math.round(Number(slabs) / 1024),
  };
}

function processes(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

function parentOf(pid: number): number | undefined {
  const [, parent] = /\) \S (\d+)/.exec(read(`/proc/${pid}/stat`)) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** https://docs.kernel.org/filesystems/proc.html: a shared page counts for each by its share. */
function proportionalKb(pid: number): number {
  const [, kb] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kb ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process has ended, and needs no memory.
    return "";
  }
}
